// The .distcp files of a checkpoint: each holds one torch.save after another, and a chunk is the tensor of one of them.
// Files are opened once, and only their archives' directories and pickles are read.
import { formatShape } from '../../../../shared/text/format.ts';
import { stretchOf } from '../../../files/stretch.ts';
import type { ByteSource, FileSystem } from '../../../files/fileSystem.ts';
import { isInsideFolder } from '../../../files/paths.ts';
import { readEntry } from '../stateDict.ts';
import { tensorPolicy } from '../tensorPolicy.ts';
import { TorchArchive } from '../torchArchive.ts';
import type { StorageItem } from './metadata.ts';
import type { DtypeName } from '../../../checkpoint/dtype.ts';

export class ChunkFiles {
  private readonly open = new Map<string, Promise<ByteSource>>();

  constructor(
    private readonly fileSystem: FileSystem,
    private readonly folder: string,
  ) {}

  /** Where a chunk's bytes lie, or in words why not. Throws a ThreeGateError where the file itself is at fault. */
  async locate(
    item: StorageItem,
    dtype: DtypeName,
    sizes: readonly number[],
  ): Promise<{ file: string; offset: number } | string> {
    if (!isInsideFolder(item.path)) {
      return `in ${JSON.stringify(item.path)}, which is not a file inside its folder`;
    }
    if (item.transforms.length > 0) {
      return `stored through ${item.transforms.join(' and ')}, which is not read in place`;
    }
    const source = await this.sourceOf(item.path);
    const end = item.offset + item.length;
    if (end > source.size) {
      return `at bytes ${item.offset} to ${end} of ${source.path}, which ends at byte ${source.size}`;
    }
    const archive = await TorchArchive.open(stretchOf(source, item.offset, item.length), tensorPolicy);
    const entry = readEntry('', archive.root);
    if (entry === null) return `in ${source.path} as something that is no tensor`;
    if ('fault' in entry) return `in ${source.path} as a tensor that ${entry.fault}`;
    if ('sharded' in entry) return `in ${source.path} as a part of a DTensor`;
    const { tensor } = entry;
    if (tensor.dtype !== dtype || !isSameShape(tensor.shape, sizes)) {
      return `in ${source.path} as ${formatShape(tensor.shape)} ${tensor.dtype}, where ${formatShape([...sizes])} ${dtype} is expected`;
    }
    const place = await archive.placeOf(tensor);
    if (typeof place === 'string') return `in ${source.path} as a tensor that ${place}`;
    return { file: source.path, offset: item.offset + place };
  }

  /** Names of the files that were opened, in order, and their bytes in all. */
  async seen(): Promise<{ names: string[]; bytes: number }> {
    const names = [...this.open.keys()].sort();
    const opened = await Promise.allSettled(this.open.values());
    const bytes = opened.reduce((sum, each) => sum + (each.status === 'fulfilled' ? each.value.size : 0), 0);
    return { names, bytes };
  }

  async close(): Promise<void> {
    for (const each of await Promise.allSettled(this.open.values())) {
      if (each.status === 'fulfilled') await each.value.close();
    }
  }

  private sourceOf(name: string): Promise<ByteSource> {
    const known = this.open.get(name) ?? this.fileSystem.open(this.fileSystem.resolve(this.folder, name));
    this.open.set(name, known);
    return known;
  }
}

/** Megatron stores a chunk with or without leading dimensions of one. */
function isSameShape(stored: readonly number[], wanted: readonly number[]): boolean {
  const telling = (shape: readonly number[]): string => shape.filter((size) => size !== 1).join(',');
  return telling(stored) === telling(wanted);
}
