// Who reads from the Hub, and where it is: the variables of huggingface_hub, in its order. A token is never logged. Of S3 it
// is what the SDK does not find by itself, or does not tell.
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { connections } from './connections.ts';
import type { RemoteSettings } from './remoteFiles.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * What a process that reads remote files goes by. A token for the Hub is, in this order: `HF_TOKEN`; the file at `HF_TOKEN_PATH`,
 * or `token` in `HF_HOME`; `THREE_GATE_HF_TOKEN`, which a client of the engine hands over that keeps one itself (VS Code's
 * secret storage). It is a variable of the engine's process alone, set by `EngineClient`'s option `environment` when the process
 * starts: never an argument, which others on the machine can see, and never a message, which may be logged. The same way a
 * client passes on `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`. With `HF_HUB_DISABLE_IMPLICIT_TOKEN` none is sent.
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
  const cache = set(environment, 'XDG_CACHE_HOME') ?? join(homedir(), '.cache');
  const home = set(environment, 'HF_HOME') ?? join(cache, 'huggingface');
  const path = set(environment, 'HF_TOKEN_PATH') ?? join(home, 'token');
  const text = await readFile(path, 'utf8').catch(() => '');
  return text.trim() !== '' ? text.trim() : (set(environment, 'THREE_GATE_HF_TOKEN')?.trim() ?? null);
}

function set(environment: Environment, name: string): string | null {
  const value = environment[name];
  return value === undefined || value === '' ? null : value;
}
