// What lies in the folder of a checkpoint beside its weights: no patch holds it.
import type { Checkpoint } from '../checkpoint/checkpoint.ts';
import type { FileSystem } from '../files/fileSystem.ts';
import { storedTensors } from '../hashing/storedTensors.ts';

/** Names of files. */
export async function besideWeights(checkpoint: Checkpoint, files: FileSystem): Promise<string[]> {
  const { folder } = checkpoint;
  const weights = new Set([...storedTensors(checkpoint).values()].map(({ file }) => file));
  const found: string[] = [];
  for (const name of await files.list(folder)) {
    const path = files.resolve(folder, name);
    const isOther = !weights.has(path) && !name.endsWith('.index.json');
    if (isOther && (await files.stat(path))?.kind === 'file') found.push(name);
  }
  return found;
}
