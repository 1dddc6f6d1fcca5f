// Small torch distributed checkpoints, spelled by hand: chunks as torch.save lays them out, and a .metadata of protocol 2
// in the names of torch 2.x, in which a test can lie about anything.
import { pickle, text, torchArchive, uint32 } from './torchArchive.ts';

export interface HandChunk {
  offsets: number[];
  sizes: number[];
  /** What the metadata says of its place; what really lies there is up to the caller. */
  path: string;
  offset: number;
  length: number;
  transforms?: string[];
}

export interface HandTensor {
  name: string;
  dtype?: string;
  size: number[];
  chunks: HandChunk[];
}

const meta = 'torch.distributed.checkpoint.metadata';

export function metadataBytes(tensors: readonly HandTensor[], more = ''): Uint8Array {
  const described = tensors.map(({ name, dtype = 'float32', size, chunks }) => {
    const listed = chunks.map(({ offsets, sizes }) =>
      made('ChunkStorageMetadata', { offsets: sizeOf(offsets), sizes: sizeOf(sizes) }),
    );
    const properties = `c${meta}\nTensorProperties\n)\x81(ctorch\n${dtype}\nN\x89N\x89tb`;
    const fields = { properties, size: sizeOf(size), chunks: `](${listed.join('')}e` };
    return text(name) + made('TensorStorageMetadata', fields);
  });
  const stored = tensors.flatMap(({ name, chunks }) =>
    chunks.map(({ offsets, path, offset, length, transforms }) => {
      const index = made('MetadataIndex', { fqn: text(name), offset: sizeOf(offsets) });
      const fields = {
        relative_path: text(path),
        offset: integer(offset),
        length: integer(length),
        ...(transforms && { transform_descriptors: `](${transforms.map(text).join('')}e` }),
      };
      return index + made('_StorageInfo', fields, 'torch.distributed.checkpoint.filesystem');
    }),
  );
  const whole = {
    state_dict_metadata: `}(${described.join('')}u`,
    storage_data: `}(${stored.join('')}u`,
    planner_data: `N${more}`,
  };
  return pickle(made('Metadata', whole));
}

/** One chunk's file content: a float32 tensor of its own archive. */
export function chunkArchive(values: readonly number[], sizes: readonly number[]): Uint8Array {
  const strides = sizes.map((_, axis) => sizes.slice(axis + 1).reduce((a, b) => a * b, 1));
  const id = `(${text('storage')}ctorch\nFloatStorage\n${text('0')}${text('cpu')}${integer(values.length)}tQ`;
  const noHooks = 'ccollections\nOrderedDict\n)R';
  const whole = `ctorch._utils\n_rebuild_tensor_v2\n(${id}K\x00${tuple(sizes)}${tuple(strides)}\x89${noHooks}tR`;
  return torchArchive({
    'data.pkl': pickle(whole),
    'data/0': new Uint8Array(new Float32Array(values).buffer),
  });
}

function made(name: string, fields: Record<string, string>, module = meta): string {
  const state = Object.entries(fields).map(([key, value]) => text(key) + value);
  return `c${module}\n${name}\n)\x81}(${state.join('')}ub`;
}

function sizeOf(sizes: readonly number[]): string {
  return `ctorch\nSize\n${tuple(sizes)}\x85R`;
}

function tuple(items: readonly number[]): string {
  return `(${items.map(integer).join('')}t`;
}

/** LONG1 of seven bytes: any count up to 2⁵³. */
function integer(value: number): string {
  if (value < 2 ** 31) return `J${uint32(value)}`;
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return `\x8a\x08${bytes.toString('latin1')}`;
}
