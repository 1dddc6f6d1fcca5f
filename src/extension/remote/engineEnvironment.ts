// What the engine's process is told beyond this process's environment where it reads what lies elsewhere: the proxy of the
// settings, and the token of the secret storage where the machine itself has none. No vscode here.
import { access } from 'node:fs/promises';
import { isRemote } from '../../engine/files/remoteAddress.ts';
import { hubTokenPath } from '../../node/disk/hubTokenPath.ts';

type Environment = Readonly<Record<string, string | undefined>>;

interface RemoteSecrets {
  /** `http.proxy`; empty for none. */
  proxy: string;
  /** `http.noProxy`. */
  noProxy: readonly string[];
  /** `http.proxyStrictSSL`: whether the proxy's own certificate is verified. */
  strictSsl: boolean;
  token: () => Promise<string | null>;
}

/** Empty where nothing of the work is remote. */
export async function engineEnvironment(
  paths: readonly string[],
  secrets: RemoteSecrets,
  environment: Environment,
): Promise<Record<string, string>> {
  if (!paths.some(isRemote)) return {};
  const { proxy, noProxy, strictSsl } = secrets;
  const token = (await hasOwnToken(environment)) ? null : await secrets.token();
  return {
    ...(proxy === '' ? {} : { https_proxy: proxy, http_proxy: proxy }),
    ...(noProxy.length === 0 ? {} : { no_proxy: noProxy.join(',') }),
    ...(strictSsl ? {} : { THREE_GATE_PROXY_STRICT_SSL: '0' }),
    ...(token === null ? {} : { HF_TOKEN: token }),
  };
}

async function hasOwnToken(environment: Environment): Promise<boolean> {
  const named = [environment['HF_TOKEN'], environment['HUGGING_FACE_HUB_TOKEN']];
  if (named.some((token) => token !== undefined && token !== '')) return true;
  return access(hubTokenPath(environment)).then(
    () => true,
    () => false,
  );
}
