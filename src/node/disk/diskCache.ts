// The result store on disk: one file an entry, written beside and renamed, so that neither a second process nor a
// kill in the middle leaves half an entry; each carries the SHA-256 of its payload, and one that does not match is
// deleted and counts as absent. Bounded in size: the entries used longest ago go first. Nothing in it is ever executed.
import { createHash } from 'node:crypto';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import type { ResultStore } from '../../engine/analysis/analysisMemory.ts';
import { asProblem } from '../../shared/errors.ts';
import { cachedFiles, cacheRooms, touch } from './cachedFiles.ts';
import { replaceFile, unfinished } from './partFile.ts';

const magic = Buffer.from('3GATE01\n');
const digestBytes = 32;
const headerBytes = magic.length + digestBytes;
/** A part file this old belongs to a process that is gone. */
const staleMs = 3_600_000;

export class DiskCache implements ResultStore {
  private readonly folder: string;
  private complained = false;

  /** @param complain hears once when entries cannot be written. */
  constructor(
    directory: string,
    private readonly complain: (message: string) => void,
  ) {
    this.folder = join(directory, cacheRooms.results);
  }

  digest(bytes: Uint8Array): string {
    return createHash('sha256').update(bytes).digest('hex');
  }

  async get(key: string): Promise<unknown> {
    const path = this.path(key);
    let file: Buffer;
    try {
      file = await readFile(path);
    } catch {
      return null;
    }
    const value = unpack(file);
    if (value === null) await rm(path, { force: true }).catch(() => undefined);
    else await touch(path);
    return value;
  }

  async put(key: string, value: unknown): Promise<void> {
    const path = this.path(key);
    try {
      await mkdir(dirname(path), { recursive: true });
      const payload = serialize(value);
      // A checksum tells what a crash of the machine left of it: no need to wait for the disk.
      await replaceFile(path, Buffer.concat([magic, sha256(payload), payload]), { sync: false });
    } catch (error) {
      if (!this.complained) this.complain(`Results are not kept: ${asProblem(error).message}`);
      this.complained = true;
    }
  }

  /** Deletes abandoned part files, then the entries used longest ago until at most `limitBytes` are left. */
  async prune(limitBytes: number): Promise<void> {
    const files = await cachedFiles(this.folder);
    let bytes = files.reduce((sum, { size }) => sum + size, 0);
    for (const { path, size, usedMs } of files.sort((a, b) => a.usedMs - b.usedMs)) {
      const abandoned = path.endsWith(unfinished) && Date.now() - usedMs > staleMs;
      if (!abandoned && bytes <= limitBytes) continue;
      await rm(path, { force: true }).catch(() => undefined);
      bytes -= size;
    }
  }

  private path(key: string): string {
    return join(this.folder, key.slice(0, 2), key);
  }
}

/** Deletes every entry, of remote files too. */
export async function clearCache(directory: string): Promise<void> {
  for (const room of Object.values(cacheRooms)) {
    await rm(join(directory, room), { recursive: true, force: true });
  }
}

/** The value in an entry; null when it is damaged or of another version. */
function unpack(file: Buffer): unknown {
  if (file.length < headerBytes || !file.subarray(0, magic.length).equals(magic)) return null;
  const payload = file.subarray(headerBytes);
  if (!sha256(payload).equals(file.subarray(magic.length, headerBytes))) return null;
  try {
    return deserialize(payload) as unknown;
  } catch {
    return null;
  }
}

function sha256(payload: Uint8Array): Buffer {
  return createHash('sha256').update(payload).digest();
}
