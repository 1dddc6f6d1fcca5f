// Gram matrices on the small side of a float32 matrix W, read once in panels. They are symmetric: only the blocks on and above
// the diagonal are multiplied, each a product of rows with rows. Cost: a little above small²·large, of 2·small²·large.
import type { Gemm } from './gemm.ts';
import { clearPadding, paddedElements, paddedLength } from './padding.ts';
import { panelElements } from './panels64.ts';
import type { RowSource } from './rowSource.ts';
import { transposeInto } from './transpose.ts';

/** Rows of a very tall W that are taken at once. */
export const panelRows = 2048;
/** Rows of a product that make a block: more of them save fewer multiplications, fewer make thinner products. */
const blockRows32 = 256;
const blockRows64 = 128;

/** A part of W with its small side as rows: `small` of them, `stride` elements apart, zeros behind the elements of each. */
interface Panel<Data> {
  data: Data;
  stride: number;
}

/** WᵀW of a very tall W. Products in float32, their sum over the panels in float64, so that it does not lose with the length. */
export async function tallGram(
  gemm: Gemm,
  source: RowSource,
  rows: number,
  columns: number,
): Promise<Float64Array> {
  const part = new Float32Array(Math.min(blockRows32, columns) * columns);
  const sum = new Float64Array(columns * columns);
  for (const panel of transposedPanels(source, rows, columns, panelRows)) {
    for (const { left, right, first, m, n } of blocksOf(panel, columns, blockRows32)) {
      const shape = { m, n, k: panel.stride, transB: true };
      addBlock(sum, columns, first, await gemm.multiply32(shape, left, right, part.subarray(0, m * n)));
    }
  }
  return mirrored(sum, columns);
}

/** WᵀW of a tall W, WWᵀ of a wide one, in float64 throughout. */
export async function gram64(
  gemm: Gemm,
  source: RowSource,
  rows: number,
  columns: number,
): Promise<Float64Array> {
  const small = Math.min(rows, columns);
  const part = new Float64Array(Math.min(blockRows64, small) * small);
  const sum = new Float64Array(small * small);
  for (const panel of smallSidePanels(source, rows, columns)) {
    for (const { left, right, first, m, n } of blocksOf(panel, small, blockRows64)) {
      const shape = { m, n, k: panel.stride, transB: true };
      addBlock(sum, small, first, await gemm.multiply64(shape, left, right, part.subarray(0, m * n)));
    }
  }
  return mirrored(sum, small);
}

interface BlockRow<Data> {
  left: Data;
  right: Data;
  /** Of the block's rows, and of the columns to its right. */
  first: number;
  m: number;
  n: number;
}

/** Rows of the Gram matrix from the diagonal on, a block of them at a time, as products of rows of the panel. */
function* blocksOf<Data extends Float32Array | Float64Array>(
  { data, stride }: Panel<Data>,
  small: number,
  blockRows: number,
): Generator<BlockRow<Data>> {
  for (let first = 0; first < small; first += blockRows) {
    const m = Math.min(blockRows, small - first);
    const right = data.subarray(first * stride, small * stride) as Data;
    yield { left: right.subarray(0, m * stride) as Data, right, first, m, n: small - first };
  }
}

/** Rows of a tall W, so many at a time, transposed; valid until the next. */
function* transposedPanels(
  source: RowSource,
  rows: number,
  columns: number,
  height: number,
): Generator<Panel<Float32Array>> {
  const step = Math.min(height, rows);
  const stored = new Float32Array(step * columns);
  const space = new Float32Array(paddedElements(columns, step));
  for (let first = 0; first < rows; first += step) {
    const count = Math.min(step, rows - first);
    const stride = paddedLength(count);
    const data = space.subarray(0, columns * stride);
    source.copyTo(stored.subarray(0, count * columns), first * columns, (first + count) * columns);
    transposeInto({ data, stride }, { data: stored, stride: columns }, count, columns);
    // Of panels of the same height it stays clear.
    if (first === 0 || count < step) clearPadding({ data, stride }, count);
    yield { data, stride };
  }
}

/** Panels of W in float64, its small side as rows; valid until the next. */
function* smallSidePanels(source: RowSource, rows: number, columns: number): Generator<Panel<Float64Array>> {
  const step = Math.max(1, Math.floor(panelElements / Math.min(rows, columns)));
  const space = new Float64Array(
    Math.min(rows, columns) * paddedLength(Math.min(step, Math.max(rows, columns))),
  );
  if (rows >= columns) {
    for (const { data, stride } of transposedPanels(source, rows, columns, step)) {
      const panel = space.subarray(0, data.length);
      panel.set(data);
      yield { data: panel, stride };
    }
    return;
  }
  for (let from = 0; from < columns; from += step) {
    const count = Math.min(step, columns - from);
    const stride = paddedLength(count);
    const data = space.subarray(0, rows * stride).fill(0);
    for (let i = 0; i < rows; i++) {
      const at = i * columns + from;
      data.set(source.elements(at, at + count), i * stride);
    }
    yield { data, stride };
  }
}

/** Adds the product of a block's columns with those from its first on. */
function addBlock(sum: Float64Array, columns: number, from: number, part: Float32Array | Float64Array): void {
  for (let at = 0, row = from; at < part.length; row++) {
    for (let to = row * columns + from; to < (row + 1) * columns; to++, at++) sum[to]! += part[at]!;
  }
}

/** What lies above the diagonal, below it as well. */
function mirrored(sum: Float64Array, columns: number): Float64Array {
  for (let i = 0; i < columns; i++) {
    for (let j = 0; j < i; j++) sum[i * columns + j] = sum[j * columns + i]!;
  }
  return sum;
}
