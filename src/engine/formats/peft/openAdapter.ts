// What an adapter folder says beyond its tensors: its settings, and the factors from before training where a trainer
// left them in `pissa_init/` inside the folder or beside it.
import { ThreeGateError } from '../../../shared/errors.ts';
import type { StoredTensor } from '../../checkpoint/checkpoint.ts';
import type { FileSystem } from '../../files/fileSystem.ts';
import { isTorchName } from '../folderContent.ts';
import { readSafetensorsHeader } from '../safetensors/safetensorsHeader.ts';
import { readTorchHeader } from '../torch/torchFile.ts';
import type { AdapterContents } from '../../checkpoint/adapterUpdate.ts';
import { readAdapterConfig } from './adapterConfig.ts';

export const adapterFiles = ['adapter_model.safetensors', 'adapter_model.bin'];
const initialFolders = ['pissa_init', '../pissa_init'];

export async function readAdapterContents(fileSystem: FileSystem, folder: string): Promise<AdapterContents> {
  const settings = await readAdapterConfig(fileSystem, folder);
  if (settings.baseChange === 'none') return { settings, initial: null };
  for (const candidate of initialFolders.map((name) => fileSystem.resolve(folder, name))) {
    // The initial adapter itself lies beside nothing but itself.
    if (candidate === folder) continue;
    const file = await adapterFileIn(fileSystem, candidate);
    if (file === null) continue;
    const tensors = await readTensors(fileSystem, file);
    return { settings, initial: { folder: candidate, tensors } };
  }
  return { settings, initial: null };
}

/** An adapter without a tensor changes nothing, and nobody means that. */
export function requireTensors(
  folder: string,
  files: readonly string[],
  { tensors, unreadable }: { tensors: ReadonlyMap<string, unknown>; unreadable: readonly unknown[] },
): void {
  if (tensors.size > 0 || unreadable.length > 0) return;
  const message = `${folder} is an adapter whose ${files.join(', ')} holds no tensor: it was saved without its weights. Save it again, or name the folder of another step.`;
  throw new ThreeGateError('adapter-empty', message, { file: folder });
}

/** The weights of an adapter folder; null when it has none. */
export async function adapterFileIn(fileSystem: FileSystem, folder: string): Promise<string | null> {
  for (const name of adapterFiles) {
    const path = fileSystem.resolve(folder, name);
    if ((await fileSystem.stat(path))?.kind === 'file') return path;
  }
  return null;
}

async function readTensors(fileSystem: FileSystem, file: string): Promise<Map<string, StoredTensor>> {
  const source = await fileSystem.open(file);
  try {
    const read = isTorchName(fileSystem.basename(file)) ? readTorchHeader : readSafetensorsHeader;
    const { tensors, unreadable } = await read(source);
    const [lost] = unreadable;
    if (lost !== undefined) throw ThreeGateError.from(lost.reason);
    return new Map(tensors.map((tensor) => [tensor.name, tensor]));
  } finally {
    await source.close();
  }
}
