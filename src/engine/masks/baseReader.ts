// Reads the base for a mask, a slab at a time, and hashes what it reads: every mask says of which bytes it was made.
import { ThreeGateError } from '../../shared/errors.ts';
import { formatCount } from '../../shared/text/format.ts';
import { throwIfCancelled } from '../analysis/tensorGeometry.ts';
import type { StoredTensor } from '../checkpoint/checkpoint.ts';
import type { HearBytes, TensorValues } from '../checkpoint/tensorValues.ts';
import { cut, gridOf, type Rectangle } from '../kernels/chunkPlan.ts';
import type { MaskPorts } from './ports.ts';

/** Elements read at once. */
const slabElements = 1 << 20;

/** A part of a tensor: as a rectangle, and as a stretch of its elements. */
interface Slab {
  area: Rectangle;
  first: number;
  count: number;
}

export function* slabs(shape: readonly number[]): Generator<Slab> {
  const { rows, columns } = gridOf(shape);
  for (const area of cut({ firstRow: 0, rows, firstColumn: 0, columns }, slabElements)) {
    yield { area, first: area.firstRow * columns + area.firstColumn, count: area.rows * area.columns };
  }
}

export class BaseReader {
  constructor(
    private readonly values: TensorValues,
    private readonly openHash: MaskPorts['openHash'],
    private readonly signal: AbortSignal,
  ) {}

  /** The tensor as float32, every element finite, and the SHA-256 of its stored bytes. */
  async whole(tensor: StoredTensor): Promise<{ base: Float32Array; content: string }> {
    const base = new Float32Array(tensor.elements);
    const content = await this.hashed(tensor, async (hear) => {
      for (const { first, count } of slabs(tensor.shape)) {
        throwIfCancelled(this.signal);
        await this.values.readFloat32(tensor, first, base.subarray(first, first + count), hear);
      }
    });
    const strange = countNonFinite(base);
    if (strange === 0) return { base, content };
    throw new ThreeGateError(
      'not-numeric',
      `${tensor.name} has no mask: ${formatCount(strange)} of its elements are NaN or infinite, and a decomposition needs every element.`,
      { file: tensor.file, tensor: tensor.name },
    );
  }

  /** The SHA-256 of its stored bytes alone. */
  content(tensor: StoredTensor): Promise<string> {
    return this.hashed(tensor, async (hear) => {
      for (const { first, count } of slabs(tensor.shape)) {
        throwIfCancelled(this.signal);
        hear(await this.values.stored(tensor, first, count));
      }
    });
  }

  /** The SHA-256 of the stored bytes that `read` lets it hear, an F8 weight's scales behind them. */
  async hashed(tensor: StoredTensor, read: (hear: HearBytes) => Promise<void>): Promise<string> {
    const hash = this.openHash();
    await read((bytes) => {
      hash.update(bytes);
    });
    hash.update(await this.values.scaleBytes(tensor));
    return hash.digest();
  }
}

function countNonFinite(values: Float32Array): number {
  let found = 0;
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i]!)) found += 1;
  return found;
}
