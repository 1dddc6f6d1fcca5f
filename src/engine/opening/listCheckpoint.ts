// What `inspect` shows of a checkpoint: every tensor of its headers, readable or not, and what is wrong.
import type { CheckpointListing, TensorEntry } from '../../shared/protocol/engineProtocol.ts';
import type { Checkpoint, StoredTensor } from '../checkpoint/checkpoint.ts';
import type { FileSystem } from '../files/fileSystem.ts';
import { relativePath } from '../files/naming.ts';
import { compareNaturally } from '../files/naturalOrder.ts';
import { openCheckpoint } from './openCheckpoint.ts';
import { storedParts } from '../checkpoint/packed/packedWeight.ts';

/** Throws as openCheckpoint does. */
export async function listCheckpoint(fileSystem: FileSystem, path: string): Promise<CheckpointListing> {
  return listingOf(await openCheckpoint(fileSystem, path));
}

/** Tensors in file order as stored, each weight followed by its scales; unreadable tensors are problems. */
function listingOf(checkpoint: Checkpoint): CheckpointListing {
  const { info, folder, metadata, problems, unreadable } = checkpoint;
  const root = info.path.startsWith(folder) ? folder : info.path;
  const fileNames = new Map<string, string>();
  const fileName = (file: string): string => {
    const known = fileNames.get(file) ?? relativePath(root, file);
    fileNames.set(file, known);
    return known;
  };
  const entryOf = ({ name, dtype, shape, elements, bytes, file }: StoredTensor): TensorEntry => ({
    name,
    dtype,
    shape,
    elements,
    bytes,
    file: fileName(file),
  });
  const stored: StoredTensor[] = [];
  for (const tensor of checkpoint.tensors.values()) {
    if (tensor.packed === undefined && tensor.scale === null) stored.push(tensor);
    else stored.push(...storedParts(tensor));
  }
  const tensors = inFileOrder(stored, checkpoint.beside ?? []);
  const found = [...problems, ...unreadable.map(({ reason }) => reason)];
  return { info, tensors: tensors.map(entryOf), metadata, problems: found };
}

/** `tensors` are in order already, unless something lies between them. */
function inFileOrder(tensors: StoredTensor[], beside: readonly StoredTensor[]): StoredTensor[] {
  if (beside.length === 0) return tensors;
  return [...tensors, ...beside].sort(
    (left, right) => compareNaturally(left.file, right.file) || left.offset - right.offset,
  );
}
