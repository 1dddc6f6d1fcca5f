// The tensors of a checkpoint as they are stored: a scaled weight and its scales, the parts of a packed one, and what lies beside
// weights, each on its own; and their bytes in chunks of bounded size, the next one read while the last is worked on.
import type { Checkpoint } from '../checkpoint/checkpoint.ts';
import { dtypes } from '../checkpoint/dtype.ts';
import { storedParts } from '../checkpoint/packed/packedWeight.ts';
import type { PlainTensor } from '../checkpoint/plainTensor.ts';
import type { TensorValues } from '../checkpoint/tensorValues.ts';
import { compareNaturally } from '../files/naturalOrder.ts';

/** Most bytes of a tensor that are in memory twice: the chunk that is worked on and the one that is read. */
const chunkBytes = 2 ** 23;

/** By name, naturally ordered. */
export function storedTensors({ tensors, beside }: Checkpoint): Map<string, PlainTensor> {
  const all = [...[...tensors.values()].flatMap(storedParts), ...(beside ?? [])];
  const sorted = all.sort((one, other) => compareNaturally(one.name, other.name));
  return new Map(sorted.map((tensor) => [tensor.name, tensor]));
}

export function storedBytes({ dtype, elements }: Pick<PlainTensor, 'dtype' | 'elements'>): number {
  return (elements * dtypes[dtype].bits) / 8;
}

/** Elements a chunk: whole rows where these are short enough, so that what is stored across is read once. */
function chunkLength({ dtype, shape }: PlainTensor): number {
  const most = Math.floor((chunkBytes * 8) / dtypes[dtype].bits);
  const columns = shape[shape.length - 1] ?? 1;
  return columns > most || columns === 0 ? most : most - (most % columns);
}

interface Chunk {
  /** First element. */
  first: number;
  bytes: Uint8Array;
}

/** The tensor's elements in row-major order. Rejects as `TensorValues.stored`, and with `cancelled`. */
export async function* chunksOf(
  values: TensorValues,
  tensor: PlainTensor,
  signal: AbortSignal,
): AsyncGenerator<Chunk, void> {
  const { elements } = tensor;
  const length = chunkLength(tensor);
  const read = (first: number): Promise<Uint8Array> | null => {
    if (first >= elements) return null;
    const bytes = values.stored(tensor, first, Math.min(length, elements - first));
    // Whoever stops in the middle does not wait for it.
    bytes.catch(() => undefined);
    return bytes;
  };
  let next = read(0);
  for (let first = 0; next !== null; first += length) {
    const bytes = await next;
    signal.throwIfAborted();
    next = read(first + length);
    yield { first, bytes };
  }
}
