// Who reads from the Hub, and where it is: the variables of huggingface_hub, in its order. A token is never logged.
import { readFile } from 'node:fs/promises';
import { hubTokenPath } from '../disk/hubTokenPath.ts';
import type { RemoteSettings } from './remoteFiles.ts';

type Environment = Readonly<Record<string, string | undefined>>;

export async function remoteSettings(environment: Environment): Promise<RemoteSettings> {
  const endpoint = set(environment, 'HF_ENDPOINT') ?? 'https://huggingface.co';
  return { endpoint: endpoint.replace(/\/+$/, ''), token: await tokenOf(environment) };
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
