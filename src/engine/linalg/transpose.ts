// Transposed copies of float32 matrices: four rows at a time, within tiles that stay in the cache.

/** Wide enough that whole stretches of either matrix move at once, small enough for a core's own cache. */
const tileRows = 128;
const tileColumns = 64;
const side = 4;

/** A row-major matrix whose rows begin `stride` elements apart. */
export interface Strided {
  data: Float32Array;
  stride: number;
}

/** target ← sourceᵀ: source rows × columns, target columns × rows. */
export function transposeInto(target: Strided, source: Strided, rows: number, columns: number): void {
  const [to, from] = [target.data, source.data];
  const [toStride, fromStride] = [target.stride, source.stride];
  const whole = rows - (rows % side);
  for (let firstRow = 0; firstRow < whole; firstRow += tileRows) {
    const endRow = Math.min(whole, firstRow + tileRows);
    for (let firstColumn = 0; firstColumn < columns; firstColumn += tileColumns) {
      const endColumn = Math.min(columns, firstColumn + tileColumns);
      for (let i = firstRow; i < endRow; i += side) {
        let at = i * fromStride + firstColumn;
        let put = firstColumn * toStride + i;
        for (let j = firstColumn; j < endColumn; j++, at++, put += toStride) {
          to[put] = from[at]!;
          to[put + 1] = from[at + fromStride]!;
          to[put + 2] = from[at + 2 * fromStride]!;
          to[put + 3] = from[at + 3 * fromStride]!;
        }
      }
    }
  }
  for (let i = whole; i < rows; i++) {
    for (let j = 0; j < columns; j++) to[j * toStride + i] = from[i * fromStride + j]!;
  }
}
