// The one way to write a file that is whole or not there: under another name beside its place, then renamed over it.
import { randomUUID } from 'node:crypto';
import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** What an unfinished file's name ends in. */
export const unfinished = '.part';

interface PartFile {
  file: FileHandle;
  /** Puts it in its place; with `sync` the data is on the disk before. */
  commit(options: { sync: boolean }): Promise<void>;
  /** Takes it away; never rejects. Also after a `commit` that failed. */
  discard(): Promise<void>;
}

/** Where the unfinished file lies; whoever ends the writer takes it away. */
export function partPath(path: string, id: string): string {
  return join(dirname(path), `.${basename(path)}.${id}${unfinished}`);
}

/** @param id names the writer, where others must find what it left behind */
export async function openPart(path: string, id: string = randomUUID()): Promise<PartFile> {
  const part = partPath(path, id);
  const file = await open(part, 'wx');
  return {
    file,
    async commit({ sync }) {
      if (sync) await file.sync();
      await file.close();
      await rename(part, path);
    },
    async discard() {
      await file.close().catch(() => undefined);
      await rm(part, { force: true }).catch(() => undefined);
    },
  };
}

/** Writes a whole file at once; when that fails, nothing is left behind. */
export async function replaceFile(
  path: string,
  data: string | Uint8Array,
  options: { sync: boolean },
): Promise<void> {
  const part = await openPart(path);
  try {
    await part.file.writeFile(data);
    await part.commit(options);
  } catch (error) {
    await part.discard();
    throw error;
  }
}
