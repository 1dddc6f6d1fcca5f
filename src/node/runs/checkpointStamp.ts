// A cheap fingerprint of a checkpoint on disk: names, sizes and times of its weight files. Equal stamps mean that a
// remembered result still speaks of what is there.
import { createHash } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

const weightFile = /\.safetensors(?:\.index\.json)?$/;

/** Null when nothing is there. */
export async function checkpointStamp(path: string): Promise<string | null> {
  try {
    const found = await stat(path);
    const files = found.isDirectory()
      ? (await readdir(path)).filter((name) => weightFile.test(name)).sort()
      : [''];
    const lines = await Promise.all(
      files.map(async (name) => {
        const { size, mtimeMs } = await stat(join(path, name));
        return `${name} ${size} ${mtimeMs}`;
      }),
    );
    return createHash('sha256').update(lines.join('\n')).digest('hex').slice(0, 32);
  } catch {
    return null;
  }
}
