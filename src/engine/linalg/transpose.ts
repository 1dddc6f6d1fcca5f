// Transposed copies of float32 matrices: four rows at a time, within tiles that stay in the cache.

const tile = 32;
const side = 4;

/** target ← sourceᵀ: source rows × columns, target columns × rows, both row-major. */
export function transposeInto(
  target: Float32Array,
  source: Float32Array,
  rows: number,
  columns: number,
): void {
  const whole = rows - (rows % side);
  for (let firstRow = 0; firstRow < whole; firstRow += tile) {
    const endRow = Math.min(whole, firstRow + tile);
    for (let firstColumn = 0; firstColumn < columns; firstColumn += tile) {
      const endColumn = Math.min(columns, firstColumn + tile);
      for (let i = firstRow; i < endRow; i += side) {
        for (let j = firstColumn; j < endColumn; j++) {
          const from = i * columns + j;
          const to = j * rows + i;
          target[to] = source[from]!;
          target[to + 1] = source[from + columns]!;
          target[to + 2] = source[from + 2 * columns]!;
          target[to + 3] = source[from + 3 * columns]!;
        }
      }
    }
  }
  for (let i = whole; i < rows; i++) {
    for (let j = 0; j < columns; j++) target[j * rows + i] = source[i * columns + j]!;
  }
}
