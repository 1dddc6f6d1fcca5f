// Blocks of column vectors: `rows` × `columns`, float64, row-major, and the few operations that are not a GEMM.
import type { DenseKernels } from './denseKernels.ts';
import type { Gemm } from './gemm.ts';
import { NormalGenerator } from './random.ts';

const panelElements = 1 << 22;

export interface Block {
  rows: number;
  columns: number;
  data: Float64Array;
}

export function block(rows: number, columns: number, data?: Float64Array): Block {
  return { rows, columns, data: data ?? new Float64Array(rows * columns) };
}

/**
 * Memory of blocks that are used up within a step, taken again by the next: fresh memory costs as much as the arithmetic on
 * it. What is not given back is left to the garbage collector.
 */
export class BlockPool {
  private readonly free: Float64Array[] = [];

  /** A block of any content. */
  take(rows: number, columns: number): Block {
    const at = this.free.findIndex(({ length }) => length === rows * columns);
    return at < 0 ? block(rows, columns) : block(rows, columns, this.free.splice(at, 1)[0]);
  }

  give(...used: Block[]): void {
    for (const { data } of used) this.free.push(data);
  }
}

export function randomBlock(rows: number, columns: number, seed: number): Block {
  const random = new NormalGenerator(seed);
  const result = block(rows, columns);
  for (let i = 0; i < result.data.length; i++) result.data[i] = random.normal();
  return result;
}

/** Columns from…to−1 as a block of their own. */
export function columnsOf(source: Block, from: number, to: number): Block {
  const width = to - from;
  const result = block(source.rows, width);
  for (let i = 0; i < source.rows; i++) {
    const at = i * source.columns;
    result.data.set(source.data.subarray(at + from, at + to), i * width);
  }
  return result;
}

/** Euclidean norms of the columns. */
export function columnNorms({ rows, columns, data }: Block): Float64Array {
  const sums = new Float64Array(columns);
  for (let i = 0; i < rows; i++) {
    const at = i * columns;
    for (let j = 0; j < columns; j++) {
      const value = data[at + j]!;
      sums[j]! += value * value;
    }
  }
  return sums.map(Math.sqrt);
}

/** rows × columns → columns × rows. */
export function transposeOf(data: Float64Array, rows: number, columns: number): Float64Array {
  const result = new Float64Array(data.length);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) result[j * rows + i] = data[i * columns + j]!;
  }
  return result;
}

/** Rows from…to−1 as a view. */
export function rowsOf({ columns, data }: Block, from: number, to: number): Block {
  return { rows: to - from, columns, data: data.subarray(from * columns, to * columns) };
}

/** Panels of rows of about `panelElements`, for steps whose temporaries should not grow with the number of rows. */
export function* rowPanels({ rows, columns }: Block): Generator<[from: number, to: number]> {
  const step = Math.max(1, Math.floor(panelElements / columns));
  for (let from = 0; from < rows; from += step) yield [from, Math.min(rows, from + step)];
}

/** Keeps the first `count` columns, in the memory of X, which is used up. */
export function keepColumns({ rows, columns, data }: Block, count: number): Block {
  for (let i = 1; i < rows; i++) data.copyWithin(i * count, i * columns, i * columns + count);
  return { rows, columns: count, data: data.subarray(0, rows * count) };
}

/** X ← X·Mᵀ for square M. */
export async function rotateColumns(gemm: Gemm, x: Block, m: Block): Promise<void> {
  for (const [from, to] of rowPanels(x)) {
    const panel = rowsOf(x, from, to);
    panel.data.set((await timesSmall(gemm, panel, m, true)).data);
  }
}

/** XᵀY. */
export async function innerProduct(gemm: Gemm, x: Block, y: Block): Promise<Block> {
  const shape = { m: x.columns, n: y.columns, k: x.rows, transA: true };
  return block(x.columns, y.columns, await gemm.multiply64(shape, x.data, y.data));
}

/** X·M; with `transposed`, X·Mᵀ. */
export async function timesSmall(
  gemm: Gemm,
  x: Block,
  m: Block,
  transposed = false,
  pool: BlockPool | null = null,
): Promise<Block> {
  const n = transposed ? m.rows : m.columns;
  const shape = { m: x.rows, n, k: x.columns, transB: transposed };
  const result = pool?.take(x.rows, n) ?? block(x.rows, n);
  await gemm.multiply64(shape, x.data, m.data, result.data);
  return result;
}

/**
 * Columns with the span of X, orthonormal to rounding, by CholeskyQR repeated until the Gram matrix is the identity
 * (Yamamoto et al. 2015). Columns that are dependent are replaced by random ones. `roughly` stops after the first step,
 * which leaves an error of rounding times the square of X's condition number. X stays as it is; it may be the result.
 */
export async function orthonormalize(
  gemm: Gemm,
  dense: DenseKernels,
  x: Block,
  seed: number,
  roughly = false,
  pool: BlockPool | null = null,
): Promise<Block> {
  let current = x;
  let replaced = 0;
  const goOnWith = (next: Block): void => {
    if (current !== x) pool?.give(current);
    current = next;
  };
  for (let pass = 0; pass < 12; pass++) {
    const gram = await innerProduct(gemm, current, current);
    const scales = Float64Array.from(
      { length: gram.rows },
      (_, j) => 1 / Math.sqrt(gram.data[j * gram.rows + j]!),
    );
    const dead = [...scales.keys()].filter((j) => !(scales[j]! < Infinity));
    if (dead.length > 0) {
      goOnWith(replaceColumns(current, dead, seed + 7919 * ++replaced));
      continue;
    }
    if (distanceFromIdentity(gram) < 1e-13 * current.columns) return current;
    scaleBoth(gram, scales);
    // From nearly orthonormal columns one CholeskyQR step is exact to rounding.
    const last = roughly || distanceFromIdentity(gram) < 0.01;
    const inverse = dense.choleskyInverse(gram.data, gram.rows, 1e-14);
    if (inverse === null) {
      // Numerically dependent: keep the leading directions of the Gram matrix, fill up at random.
      const { values, vectors } = dense.symmetricEigen(gram.data, gram.rows, gram.rows);
      goOnWith(await timesScaled(gemm, current, scales, vectors, pool));
      const weak = [...values.keys()].filter((j) => !(values[j]! > 1e-13 * values[0]!));
      goOnWith(replaceColumns(current, weak, seed + 7919 * ++replaced));
      continue;
    }
    goOnWith(await timesScaled(gemm, current, scales, inverse, pool));
    if (last) return current;
  }
  return current;
}

/** G ← D·G·D. */
function scaleBoth({ rows, data }: Block, scales: Float64Array): void {
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < rows; j++) data[i * rows + j]! *= scales[i]! * scales[j]!;
  }
}

/** X·D·Mᵀ for a square M. */
function timesScaled(
  gemm: Gemm,
  x: Block,
  scales: Float64Array,
  m: Float64Array,
  pool: BlockPool | null,
): Promise<Block> {
  const scaled = m.map((value, at) => value * scales[at % scales.length]!);
  return timesSmall(gemm, x, block(scales.length, scales.length, scaled), true, pool);
}

/** A copy of X with some columns drawn at random. */
function replaceColumns({ rows, columns, data }: Block, which: number[], seed: number): Block {
  const random = new NormalGenerator(seed);
  const result = block(rows, columns, data.slice());
  for (const j of which) {
    for (let i = 0; i < rows; i++) result.data[i * columns + j] = random.normal();
  }
  return result;
}

function distanceFromIdentity({ rows, data }: Block): number {
  let largest = 0;
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < rows; j++) {
      largest = Math.max(largest, Math.abs(data[i * rows + j]! - (i === j ? 1 : 0)));
    }
  }
  return largest;
}
