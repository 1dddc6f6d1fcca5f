// WᵀW of a very tall float32 matrix, read once in panels of rows. It is symmetric: only the blocks on and above the diagonal
// are multiplied, with a transposed copy of each panel, whose rows are the columns of W. Products in float32, their sum over
// the panels in float64, so that it does not lose with the length. Cost: rows·columns² and a little, of 2·rows·columns².
import type { Gemm } from './gemm.ts';
import { paddedLength } from './padding.ts';
import { transposeInto } from './transpose.ts';

/** Columns of W that make a block: more save more multiplications, and make thinner products. */
const blockColumns = 256;

/** @param panels rows of W, one behind the other, each valid until the next. */
export async function gramMatrix(
  gemm: Gemm,
  panels: Iterable<Float32Array>,
  columns: number,
): Promise<Float64Array> {
  const sum = new Float64Array(columns * columns);
  const part = new Float32Array(Math.min(blockColumns, columns) * columns);
  let copy = new Float32Array(0);
  for (const panel of panels) {
    const rows = panel.length / columns;
    const stride = paddedLength(rows);
    if (copy.length !== columns * stride) copy = new Float32Array(columns * stride);
    transposeInto({ data: copy, stride }, { data: panel, stride: columns }, rows, columns);
    for (let from = 0; from < columns; from += blockColumns) {
      const m = Math.min(blockColumns, columns - from);
      const n = columns - from;
      const shape = { m, n, k: stride, transB: true };
      const right = copy.subarray(from * stride);
      await gemm.multiply32(shape, right.subarray(0, m * stride), right, part.subarray(0, m * n));
      for (let i = 0, at = 0; i < m; i++) {
        const row = (from + i) * columns + from;
        for (let j = 0; j < n; j++, at++) sum[row + j]! += part[at]!;
      }
    }
  }
  for (let i = 0; i < columns; i++) {
    for (let j = 0; j < i; j++) sum[i * columns + j] = sum[j * columns + i]!;
  }
  return sum;
}
