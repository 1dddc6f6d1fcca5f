// A torch distributed checkpoint (`.metadata` and `.distcp` files) as one set of tensors: every chunk is found where it
// lies inside its file, and the chunks of a tensor are joined without moving a byte. A tensor of which a chunk is missing,
// damaged or doubled is a row with its reason, never zeros. Source: torch/distributed/checkpoint/filesystem.py.
import { asProblem, problem, ThreeGateError } from '../../../../shared/errors.ts';
import type { Problem } from '../../../../shared/errors.ts';
import type { StoredTensor, UnreadableTensor } from '../../../checkpoint/checkpoint.ts';
import { dtypes } from '../../../checkpoint/dtype.ts';
import { joinBoxes } from '../../../checkpoint/pieces.ts';
import type { Box } from '../../../checkpoint/pieces.ts';
import type { FileSystem } from '../../../files/fileSystem.ts';
import { ChunkFiles } from './chunkFiles.ts';
import { metadataName, weightNames } from './layout.ts';
import { readDistributedMetadata } from './metadata.ts';
import type { DistributedMetadata, DistributedTensor } from './metadata.ts';
import type { ShardContents } from '../../../checkpoint/shardContents.ts';

const maxMetadataBytes = 512_000_000;
const tensorsAtOnce = 16;

/** Throws when not one tensor can be read. */
export async function readDistributed(fileSystem: FileSystem, folder: string): Promise<ShardContents> {
  const path = fileSystem.resolve(folder, metadataName);
  const metadata = await readMetadata(fileSystem, folder, path);
  const all = [...metadata.tensors, ...metadata.faults];
  const weights = weightNames(all.map(({ name }) => name));
  if (weights.names.size === 0) {
    const what = all.length === 0 ? 'no tensors' : `${all.length} tensors, all of an optimizer`;
    const message = `${folder} is a torch distributed checkpoint with ${what}: name the one that holds the weights.`;
    throw new ThreeGateError('not-a-checkpoint', message, { file: folder });
  }
  const files = new ChunkFiles(fileSystem, folder);
  try {
    const tensors = new Map<string, StoredTensor>();
    const unreadable: UnreadableTensor[] = [];
    const add = (name: string, found: StoredTensor | UnreadableTensor): void => {
      if ('reason' in found) unreadable.push({ ...found, name });
      else tensors.set(name, { ...found, name });
    };
    const wanted = metadata.tensors.filter(({ name }) => weights.names.has(name));
    for (let first = 0; first < wanted.length; first += tensorsAtOnce) {
      const batch = wanted.slice(first, first + tensorsAtOnce);
      const found = await Promise.all(batch.map((tensor) => joinTensor(path, tensor, metadata, files)));
      batch.forEach(({ name }, index) => {
        const joined = found[index];
        if (joined !== undefined) add(weights.names.get(name) ?? name, joined);
      });
    }
    for (const { name, elements, fault } of metadata.faults) {
      const short = weights.names.get(name);
      if (short !== undefined) add(short, lost(path, name, elements, fault));
    }
    const [reason] = unreadable.map((tensor) => tensor.reason);
    if (tensors.size === 0 && reason !== undefined) throw ThreeGateError.from(reason);
    const { names, bytes } = await files.seen();
    return {
      tensors,
      unreadable,
      metadata: { format: 'torch distributed checkpoint' },
      problems: [],
      files: [metadataName, ...names],
      bytes,
      notes: weights.notes.map((note) => `${folder}: ${note}`),
    };
  } finally {
    await files.close();
  }
}

async function readMetadata(
  fileSystem: FileSystem,
  folder: string,
  path: string,
): Promise<DistributedMetadata> {
  try {
    return readDistributedMetadata(path, await readWhole(fileSystem, path));
  } catch (thrown) {
    const { code, message } = asProblem(thrown);
    const sentence = `${folder} is a torch distributed checkpoint that is not read in place: ${message} If you trust where it comes from, "python -m torch.distributed.checkpoint.format_utils dcp_to_torch ${folder} OUT.pt" makes one file of it.`;
    throw new ThreeGateError(code, sentence, { file: path });
  }
}

async function joinTensor(
  path: string,
  tensor: DistributedTensor,
  { itemOf }: DistributedMetadata,
  files: ChunkFiles,
): Promise<StoredTensor | UnreadableTensor> {
  const { name, dtype, shape, chunks } = tensor;
  const elements = shape.reduce((product, size) => product * size, 1);
  const boxes: Box[] = [];
  for (const chunk of chunks) {
    if (chunk.sizes.includes(0)) continue;
    const where = `chunk [${chunk.sizes.join(', ')}] at [${chunk.offsets.join(', ')}]`;
    const item = itemOf(name, chunk.offsets);
    if (item === null) return lost(path, name, elements, `has its ${where} nowhere in its files`);
    try {
      const found = await files.locate(item, dtype, chunk.sizes);
      if (typeof found === 'string') return lost(path, name, elements, `has its ${where} ${found}`);
      boxes.push({ ...chunk, ...found });
    } catch (thrown) {
      return { name, elements, reason: relocated(asProblem(thrown), name) };
    }
  }
  const joined = joinBoxes(shape, boxes);
  if (typeof joined === 'string') return lost(path, name, elements, joined);
  const { file, offset, pieces } = joined;
  const bytes = (elements * dtypes[dtype].bits) / 8;
  return { name, dtype, shape, elements, file, offset, bytes, scale: null, ...(pieces && { pieces }) };
}

function lost(path: string, name: string, elements: number | null, what: string): UnreadableTensor {
  const message = `Tensor "${name}" of ${path} ${what}.`;
  return { name, elements, reason: problem('tensor-layout', message, { file: path, tensor: name }) };
}

function relocated({ code, message, file }: Problem, name: string): Problem {
  const place = { ...(file !== null && { file }), tensor: name };
  return problem(code, `Tensor "${name}" cannot be read: ${message}`, place);
}

async function readWhole(fileSystem: FileSystem, path: string): Promise<Uint8Array> {
  const source = await fileSystem.open(path);
  try {
    if (source.size > maxMetadataBytes) {
      const message = `${path} is refused: it has ${source.size} bytes, beyond the limit of ${maxMetadataBytes}.`;
      throw new ThreeGateError('pickle-refused', message, { file: path });
    }
    const bytes = new Uint8Array(source.size);
    await source.read(0, bytes);
    return bytes;
  } finally {
    await source.close();
  }
}
