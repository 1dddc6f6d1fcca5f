// Connections through a proxy, where the environment names one: HTTPS_PROXY, HTTP_PROXY and NO_PROXY, in lower case as well.
// Each is a tunnel (CONNECT), so that a proxy sees a host and a port, and of https nothing else.
import { PassingFault } from './patience.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * `fetch` as the environment wants it. `THREE_GATE_PROXY_STRICT_SSL=0` takes a proxy's own certificate unseen; those of the
 * servers behind it are always verified.
 */
export async function fetchThrough(environment: Environment): Promise<typeof fetch> {
  const httpProxy = named(environment, 'http_proxy');
  const httpsProxy = named(environment, 'https_proxy');
  if (httpProxy === undefined && httpsProxy === undefined) return fetch;
  const undici = await import('./undici.ts');
  const noProxy = named(environment, 'no_proxy');
  const isStrict = environment['THREE_GATE_PROXY_STRICT_SSL'] !== '0';
  const dispatcher = new undici.EnvHttpProxyAgent({
    ...(httpProxy !== undefined && { httpProxy }),
    ...(httpsProxy !== undefined && { httpsProxy }),
    ...(noProxy !== undefined && { noProxy }),
    ...(!isStrict && { proxyTls: { rejectUnauthorized: false } }),
  });
  const through = async (url: URL, init: RequestInit): Promise<unknown> => {
    try {
      return await undici.fetch(url, { ...(init as object), dispatcher });
    } catch (error) {
      const status = refusalOf(error);
      if (status === null) throw error;
      const why = `the proxy answered ${status}: check HTTPS_PROXY, with its user and password, and NO_PROXY`;
      throw new PassingFault(why);
    }
  };
  return through as typeof fetch;
}

/** The status by which a proxy refused a tunnel, which undici says three causes deep. */
function refusalOf(error: unknown): string | null {
  for (let at = error; at instanceof Error; at = at.cause) {
    const status = /^Proxy response \((\d+)\)/.exec(at.message)?.[1];
    if (status !== undefined) return status;
  }
  return null;
}

function named(environment: Environment, name: string): string | undefined {
  const value = environment[name] ?? environment[name.toUpperCase()];
  return value === undefined || value === '' ? undefined : value;
}
