// The header of a file of torch.save: its state dict as tensors that point straight at the bytes of their storages.
import type { StoredTensor, UnreadableTensor } from '../../checkpoint/checkpoint.ts';
import type { ByteSource } from '../../files/fileSystem.ts';
import { isEmpty, refuseEmpty, whyEmpty } from './emptyTensors.ts';
import { tensorPolicy } from './tensorPolicy.ts';
import { TorchArchive } from './torchArchive.ts';
import { isTrainerFile, trainerPolicy } from './trainerPolicy.ts';

interface TorchHeader {
  tensors: StoredTensor[];
  unreadable: UnreadableTensor[];
  metadata: Record<string, string>;
}

/** One file that holds a whole state dict. Throws when the file cannot be trusted as a whole. */
export async function readTorchHeader(source: ByteSource): Promise<TorchHeader> {
  const name = source.path.replace(/^.*[/\\]/, '');
  const file = await TorchArchive.open(source, isTrainerFile(name) ? trainerPolicy : tensorPolicy);
  const { entries } = file.requireStateDict();
  if (entries.every(isEmpty)) throw refuseEmpty(source.path, entries.length);
  const header: TorchHeader = { tensors: [], unreadable: [], metadata: { format: 'pt' } };
  for (const entry of entries) {
    if (isEmpty(entry)) {
      header.unreadable.push(whyEmpty(source.path, entry.name));
      continue;
    }
    if ('tensor' in entry) {
      const stored = await file.locate(entry.name, entry.tensor);
      if ('reason' in stored) header.unreadable.push(stored);
      else header.tensors.push(stored);
      continue;
    }
    const fault =
      'fault' in entry ? entry.fault : 'is one shard of a DTensor, and the other ranks are not here';
    const elements = 'fault' in entry ? entry.elements : file.elementsOf(entry.sharded.shape);
    header.unreadable.push(file.unreadable(entry.name, elements, fault));
  }
  return header;
}
