// WᵀW of a very tall float32 matrix, read once in panels of rows. It is symmetric: only the blocks on and above the diagonal
// are multiplied, with a transposed copy of each panel, whose rows are the columns of W. Products in float32, their sum over
// the panels in float64, so that it does not lose with the length. Cost: rows·columns² and a little, of 2·rows·columns².
import type { Gemm } from './gemm.ts';
import { clearPadding, paddedElements, paddedLength } from './padding.ts';
import type { RowSource } from './rowSource.ts';
import { transposeInto } from './transpose.ts';

/** Rows of a very tall W that are taken at once. */
export const panelRows = 2048;
/** Columns of W that make a block: more save more multiplications, and make thinner products. */
const blockColumns = 256;

export async function gramMatrix(
  gemm: Gemm,
  source: RowSource,
  rows: number,
  columns: number,
): Promise<Float64Array> {
  const height = Math.min(panelRows, rows);
  const panel = new Float32Array(height * columns);
  const transposed = new Float32Array(paddedElements(columns, height));
  const part = new Float32Array(Math.min(blockColumns, columns) * columns);
  const sum = new Float64Array(columns * columns);
  for (let first = 0; first < rows; first += panelRows) {
    const end = Math.min(rows, first + panelRows);
    const stride = paddedLength(end - first);
    source.copyTo(panel, first * columns, end * columns);
    transposeInto({ data: transposed, stride }, { data: panel, stride: columns }, end - first, columns);
    // Of panels of the same height it stays clear.
    if (first === 0 || end === rows) clearPadding({ data: transposed, stride }, end - first);
    for (let from = 0; from < columns; from += blockColumns) {
      const m = Math.min(blockColumns, columns - from);
      const n = columns - from;
      const right = transposed.subarray(from * stride, columns * stride);
      const shape = { m, n, k: stride, transB: true };
      const product = part.subarray(0, m * n);
      await gemm.multiply32(shape, right.subarray(0, m * stride), right, product);
      addBlock(sum, columns, from, product);
    }
  }
  return mirrored(sum, columns);
}

/** Adds the product of a block's columns with those from its first on. */
function addBlock(sum: Float64Array, columns: number, from: number, part: Float32Array): void {
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
