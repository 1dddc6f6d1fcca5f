// A repository of the Hub at one commit: which files it holds, how large they are and what their hashes are. Lists by
// @huggingface/hub, which gets no token and no connection of its own: both are the transport's.
import { HubApiError, listFiles, modelInfo } from '@huggingface/hub';
import { isInsideFolder } from '../../engine/files/paths.ts';
import { formatAddress, type HubAddress } from '../../engine/files/remoteAddress.ts';
import { asProblem, ThreeGateError } from '../../shared/errors.ts';
import { refused } from './httpDoor.ts';
import { Patience, requireReady } from './patience.ts';
import { packing, shown, type Transport } from './transport.ts';

interface HubFile {
  size: number;
  /** SHA-256 of a large file; the Git object of a small one. */
  hash: string;
  isLarge: boolean;
}

export interface HubRepository {
  repository: string;
  /** As it was asked for. */
  revision: string;
  commit: string;
  files: ReadonlyMap<string, HubFile>;
}

const mostFiles = 100_000;
const mostPages = 2000;

/** Pins the commit that the revision means now. */
export async function openRepository(
  address: HubAddress,
  endpoint: string,
  transport: Transport,
  signal: AbortSignal,
): Promise<HubRepository> {
  const { repository, revision } = address;
  const named = formatAddress({ ...address, path: '' });
  const options = { hubUrl: endpoint, fetch: guarded(endpoint, transport, signal) };
  try {
    const { sha } = await modelInfo({ name: repository, revision, additionalFields: ['sha'], ...options });
    if (typeof sha !== 'string' || !/^[0-9a-f]{40}$/.test(sha)) {
      throw new ThreeGateError('remote-failed', `${named}: the Hub names no commit for it.`, { file: named });
    }
    const files = new Map<string, HubFile>();
    const listing = listFiles({
      repo: { type: 'model', name: repository },
      revision: sha,
      recursive: true,
      ...options,
    });
    for await (const entry of listing) {
      const file = entryOf(entry);
      if (file !== null) files.set(file.path, file);
      if (files.size > mostFiles) {
        throw new ThreeGateError('remote-failed', `${named} holds more than ${mostFiles} files.`, {
          file: named,
        });
      }
    }
    return { repository, revision, commit: sha, files };
  } catch (error) {
    throw explained(error, named);
  }
}

/** Null for a folder, and for an entry that no honest listing holds. */
function entryOf(entry: unknown): (HubFile & { path: string }) | null {
  if (typeof entry !== 'object' || entry === null) return null;
  const { type, path, size, oid, lfs } = entry as Partial<Record<string, unknown>>;
  if (type !== 'file' || typeof path !== 'string' || !isInsideFolder(path)) return null;
  const large = typeof lfs === 'object' && lfs !== null ? (lfs as Partial<Record<string, unknown>>) : null;
  const bytes = large?.['size'] ?? size;
  const hash = large?.['oid'] ?? oid;
  if (typeof bytes !== 'number' || !Number.isSafeInteger(bytes) || bytes < 0) return null;
  if (typeof hash !== 'string' || !/^[0-9a-f]{40,64}$/.test(hash)) return null;
  return { path, size: bytes, hash, isLarge: large !== null };
}

/** `fetch` for the package: the Hub's origin alone, page after page, through the transport. */
function guarded(endpoint: string, transport: Transport, signal: AbortSignal): typeof fetch {
  const { origin } = new URL(endpoint);
  let pages = 0;
  return async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : String(input));
    pages += 1;
    if (url.origin !== origin || pages > mostPages) {
      const message = `The listing goes on at ${shown(url.href)}, which is not followed.`;
      throw new ThreeGateError('remote-failed', message);
    }
    const headers = Object.fromEntries(new Headers(init?.headers).entries());
    return await transported(transport, url.href, headers, signal);
  };
}

/** The whole reply, once the server is ready to give one. */
async function transported(
  transport: Transport,
  url: string,
  headers: Record<string, string>,
  signal: AbortSignal,
): Promise<Response> {
  const patience = new Patience(transport.limits, signal, (why) => {
    return new ThreeGateError('remote-failed', `${shown(url)} could not be read: ${why}.`);
  });
  return await patience.until(async () => {
    const answer = await transport.get(url, headers, signal);
    const parts: Uint8Array[] = [];
    await answer.read((part) => parts.push(part.slice()));
    requireReady(answer);
    const { status, headers: told } = answer;
    const packed = packing(told);
    if (packed !== null) {
      const message = `${shown(url)} is sent packed (content-encoding ${packed}), which the request declined.`;
      throw new ThreeGateError('remote-failed', message);
    }
    return new Response(status === 204 ? null : Buffer.concat(parts), { status, headers: told });
  });
}

function explained(error: unknown, named: string): ThreeGateError {
  if (error instanceof ThreeGateError) return error;
  if (error instanceof HubApiError) return refused(named, error.statusCode, new Headers());
  const message = `${named} cannot be listed: ${shown(asProblem(error).message)}.`;
  return new ThreeGateError('remote-failed', message, { file: named });
}
