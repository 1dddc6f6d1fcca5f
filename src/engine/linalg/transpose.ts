// Transposed copies of float32 matrices: blocks of 4 × 4 in registers, within tiles that stay in the cache.

const tile = 32;
const side = 4;

/** target ← sourceᵀ: source rows × columns, target columns × rows, both row-major. */
export function transposeInto(
  target: Float32Array,
  source: Float32Array,
  rows: number,
  columns: number,
): void {
  const wholeRows = rows - (rows % side);
  const wholeColumns = columns - (columns % side);
  for (let firstRow = 0; firstRow < wholeRows; firstRow += tile) {
    const endRow = Math.min(wholeRows, firstRow + tile);
    for (let firstColumn = 0; firstColumn < wholeColumns; firstColumn += tile) {
      const endColumn = Math.min(wholeColumns, firstColumn + tile);
      for (let i = firstRow; i < endRow; i += side) {
        for (let j = firstColumn; j < endColumn; j += side) {
          transposeBlock(target, j * rows + i, rows, source, i * columns + j, columns);
        }
      }
    }
  }
  for (let i = 0; i < rows; i++) {
    for (let j = i < wholeRows ? wholeColumns : 0; j < columns; j++) {
      target[j * rows + i] = source[i * columns + j]!;
    }
  }
}

function transposeBlock(
  target: Float32Array,
  to: number,
  targetStride: number,
  source: Float32Array,
  from: number,
  sourceStride: number,
): void {
  const [first, second, third] = [from + sourceStride, from + 2 * sourceStride, from + 3 * sourceStride];
  for (let j = 0; j < side; j++) {
    const at = to + j * targetStride;
    target[at] = source[from + j]!;
    target[at + 1] = source[first + j]!;
    target[at + 2] = source[second + j]!;
    target[at + 3] = source[third + j]!;
  }
}
