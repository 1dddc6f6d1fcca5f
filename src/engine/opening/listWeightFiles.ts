// What of a folder can be opened: whole checkpoints, and every file of weights by itself. Names and sizes only.
import type { WeightFiles } from '../../shared/protocol/engineProtocol.ts';
import type { FileSystem } from '../files/fileSystem.ts';
import { compareNaturally } from '../files/naturalOrder.ts';
import { isTorchName } from '../formats/folderContent.ts';
import { scanForCheckpoints } from './scanForCheckpoints.ts';

/** Levels of folders below the first. */
const maxDepth = 3;
const maxFiles = 1000;

/** Of a file, that file; of what is not there, nothing. */
export async function listWeightFiles(fileSystem: FileSystem, path: string): Promise<WeightFiles> {
  const found = await fileSystem.stat(path);
  if (found === null) return { checkpoints: [], files: [] };
  if (found.kind === 'file') return { checkpoints: [], files: [{ path, bytes: found.size }] };
  const files: WeightFiles['files'] = [];
  await collect(fileSystem, path, maxDepth, files);
  const scanned = await scanForCheckpoints(fileSystem, path);
  const alone = new Set(files.map((file) => file.path));
  const checkpoints = scanned.found.map((checkpoint) => checkpoint.path).filter((each) => !alone.has(each));
  return { checkpoints, files };
}

async function collect(
  fileSystem: FileSystem,
  folder: string,
  depth: number,
  files: WeightFiles['files'],
): Promise<void> {
  const names = await fileSystem.list(folder);
  for (const name of [...names].sort(compareNaturally)) {
    if (files.length >= maxFiles) return;
    const path = fileSystem.resolve(folder, name);
    const found = await fileSystem.stat(path);
    if (found?.kind === 'directory' && depth > 0) await collect(fileSystem, path, depth - 1, files);
    if (found?.kind === 'file' && isWeights(name)) files.push({ path, bytes: found.size });
  }
}

function isWeights(name: string): boolean {
  return name.endsWith('.safetensors') || isTorchName(name);
}
