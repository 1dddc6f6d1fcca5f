// Who reads from the Hub, and where it is: the variables of huggingface_hub, in its order. A token is never logged. Of S3 it
// is what the SDK does not find by itself, or does not tell.
import { readFile } from 'node:fs/promises';
import { hubTokenPath } from '../disk/hubTokenPath.ts';
import { connections } from './connections.ts';
import type { RemoteSettings } from './remoteFiles.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * What a process that reads remote files goes by. A token for the Hub is, in this order: `HF_TOKEN`, then the file at
 * `HF_TOKEN_PATH`, or `token` in `HF_HOME`. A client of the engine that keeps one itself (VS Code's secret storage) hands it over
 * as `HF_TOKEN` of the engine's process alone, where the machine has none: never an argument, which others on the machine can
 * see, and never a message, which may be logged. The same way it passes on a proxy. With `HF_HUB_DISABLE_IMPLICIT_TOKEN` no
 * token is sent.
 */
export async function remoteSettings(environment: Environment): Promise<RemoteSettings> {
  const endpoint = set(environment, 'HF_ENDPOINT') ?? 'https://huggingface.co';
  return {
    endpoint: endpoint.replace(/\/+$/, ''),
    token: await tokenOf(environment),
    send: connections(environment),
    s3: {
      region: set(environment, 'AWS_REGION') ?? set(environment, 'AWS_DEFAULT_REGION'),
      endpoint: set(environment, 'AWS_ENDPOINT_URL_S3') ?? set(environment, 'AWS_ENDPOINT_URL'),
    },
  };
}

async function tokenOf(environment: Environment): Promise<string | null> {
  if (set(environment, 'HF_HUB_DISABLE_IMPLICIT_TOKEN') !== null) return null;
  const given = set(environment, 'HF_TOKEN') ?? set(environment, 'HUGGING_FACE_HUB_TOKEN');
  if (given !== null) return given.trim();
  const text = await readFile(hubTokenPath(environment), 'utf8').catch(() => '');
  return text.trim() === '' ? null : text.trim();
}

function set(environment: Environment, name: string): string | null {
  const value = environment[name];
  return value === undefined || value === '' ? null : value;
}
