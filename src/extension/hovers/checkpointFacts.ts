// What hovers say of a checkpoint, read once for each state on disk. A header too large to parse in a few milliseconds
// is not parsed: hovering never blocks the editor.
import { readdir, open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { CheckpointInfo } from '../../shared/report/report.ts';
import { describeCheckpoint } from '../../node/disk/knownCheckpoints.ts';
import { checkpointStamp } from '../../node/runs/checkpointStamp.ts';

/** Some 10,000 tensors; parsing them takes about 20 ms. */
const maxHeaderBytes = 1_000_000;
const keptFacts = 200;

export class CheckpointFacts {
  private readonly known = new Map<string, CheckpointInfo | null>();

  /** Null when the path is no checkpoint, or one whose header is too large for a hover. */
  async read(path: string): Promise<CheckpointInfo | null> {
    const stamp = await checkpointStamp(path);
    if (stamp === null) return null;
    const key = `${stamp} ${path}`;
    const found = this.known.get(key);
    if (found !== undefined) return found;
    const info = (await headerBytes(path)) > maxHeaderBytes ? null : await describeCheckpoint(path);
    const oldest = this.known.keys().next();
    if (this.known.size >= keptFacts && oldest.done !== true) this.known.delete(oldest.value);
    this.known.set(key, info);
    return info;
  }
}

/** Header bytes of a file, or of all weight files in a folder; files that are none count nothing. */
async function headerBytes(path: string): Promise<number> {
  const isFolder = (await stat(path)).isDirectory();
  const names = isFolder ? (await readdir(path)).filter((name) => name.endsWith('.safetensors')) : [''];
  const sizes = await Promise.all(names.map((name) => headerLength(join(path, name))));
  return sizes.reduce((sum, size) => sum + size, 0);
}

async function headerLength(file: string): Promise<number> {
  if (!file.endsWith('.safetensors')) return 0;
  const handle = await open(file);
  try {
    const prefix = Buffer.alloc(8);
    const { bytesRead } = await handle.read(prefix, 0, 8, 0);
    return bytesRead < 8 ? 0 : Number(prefix.readBigUInt64LE());
  } finally {
    await handle.close();
  }
}
