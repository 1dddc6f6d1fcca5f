// A float32 matrix in float64, panel by panel: what the products take whose results are reported.
import type { Strided } from './transpose.ts';

/** Panels hold about this many elements, 8 bytes each. */
export const panelElements = 1 << 20;

/** float32 rows from…to−1 of a matrix, valid until the next are asked for. */
export type RowReader = (from: number, to: number) => Strided;

export function rowsOfStrided({ data, stride }: Strided): RowReader {
  return (from, to) => ({ data: data.subarray(from * stride, to * stride), stride });
}

/** A rows × columns matrix in float64: panels of whole rows `stride` elements apart, valid until the next. */
export function* panels64(
  rows: number,
  columns: number,
  stride: number,
  read: RowReader,
): Generator<{ panel: Float64Array; from: number; count: number }> {
  const step = Math.max(1, Math.min(rows, Math.floor(panelElements / columns)));
  const space = new Float64Array(step * stride);
  for (let from = 0; from < rows; from += step) {
    const count = Math.min(step, rows - from);
    const values = read(from, from + count);
    if (values.stride === stride) space.set(values.data);
    else {
      for (let i = 0; i < count; i++) {
        const at = i * values.stride;
        space.set(values.data.subarray(at, at + columns), i * stride);
      }
    }
    yield { panel: space.subarray(0, count * stride), from, count };
  }
}
