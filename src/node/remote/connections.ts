// The connections of a process: kept alive, and through a proxy where the environment names one by HTTPS_PROXY, HTTP_PROXY and
// NO_PROXY, in lower case as well. Each is a tunnel (CONNECT) then, so that a proxy sees a host and a port, and of https
// nothing else.
import { DirectRequests } from './directRequests.ts';
import { PassingFault } from './patience.ts';
import type { RawReply, Send } from './transport.ts';
import type * as undici from './undici.ts';

type Environment = Readonly<Record<string, string | undefined>>;

interface Opened {
  request: typeof undici.request;
  dispatcher: undici.Dispatcher;
}

/**
 * Connections as the environment wants them; nothing is loaded before the first request. `THREE_GATE_PROXY_STRICT_SSL=0` takes
 * a proxy's own certificate unseen; those of the servers behind it are always verified.
 */
export function connections(environment: Environment): Send {
  let opened: Promise<Opened> | null = null;
  const direct = proxiesIn(environment) === null ? new DirectRequests() : null;
  return async (url, headers, signal) => {
    if (direct !== null && headers['range'] !== undefined) {
      const reply = await direct.get(url, headers, signal);
      if (reply !== null) return reply;
    }
    opened ??= open(environment);
    const { request, dispatcher } = await opened;
    try {
      return replyOf(await request(url, { headers, signal, dispatcher }));
    } catch (error) {
      const status = refusalOf(error);
      if (status === null) throw error;
      const why = `the proxy answered ${status}: check HTTPS_PROXY, with its user and password, and NO_PROXY`;
      throw new PassingFault(why);
    }
  };
}

/** Nobody but the transport decides how long a silence may last. */
const patient = { headersTimeout: 0, bodyTimeout: 0 };

async function open(environment: Environment): Promise<Opened> {
  const { Agent, EnvHttpProxyAgent, request } = await import('./undici.ts');
  const proxies = proxiesIn(environment);
  if (proxies === null) return { request, dispatcher: new Agent(patient) };
  const noProxy = named(environment, 'no_proxy');
  const isStrict = environment['THREE_GATE_PROXY_STRICT_SSL'] !== '0';
  const dispatcher = new EnvHttpProxyAgent({
    ...patient,
    ...proxies,
    ...(noProxy !== undefined && { noProxy }),
    ...(!isStrict && { proxyTls: { rejectUnauthorized: false } }),
  });
  return { request, dispatcher };
}

function replyOf({ statusCode, headers, body }: undici.Dispatcher.ResponseData): RawReply {
  return {
    status: statusCode,
    headers: headersOf(headers),
    async read(take) {
      for await (const part of body) take(part as Uint8Array);
    },
    dump: () => body.dump(),
  };
}

/** Null where the environment names none. */
function proxiesIn(environment: Environment): { httpProxy?: string; httpsProxy?: string } | null {
  const httpProxy = named(environment, 'http_proxy');
  const httpsProxy = named(environment, 'https_proxy');
  if (httpProxy === undefined && httpsProxy === undefined) return null;
  return { ...(httpProxy !== undefined && { httpProxy }), ...(httpsProxy !== undefined && { httpsProxy }) };
}

/** Values are bytes; undici took them for UTF-8, and `Headers` holds a character a byte. */
function headersOf(told: Record<string, string | string[] | undefined>): Headers {
  const headers = new Headers();
  for (const [name, values = []] of Object.entries(told)) {
    for (const value of [values].flat()) headers.append(name, Buffer.from(value).toString('latin1'));
  }
  return headers;
}

/** The status by which a proxy refused a tunnel, which undici may say several causes deep. */
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
