// Transposed copies of float32 matrices by SIMD: four by four elements, within tiles whose lines stay in the cache.

const tile: usize = 64;

/** target ← sourceᵀ: source rows × columns, target columns × rows, both row-major with rows `…Stride` elements apart. */
export function transpose(
  target: usize,
  targetStride: usize,
  source: usize,
  sourceStride: usize,
  rows: usize,
  columns: usize,
): void {
  const down = sourceStride << 2;
  const along = targetStride << 2;
  for (let i: usize = 0; i < rows; i += tile) {
    const height = min(tile, rows - i);
    for (let j: usize = 0; j < columns; j += tile) {
      const width = min(tile, columns - j);
      const from = source + i * down + (j << 2);
      const to = target + j * along + (i << 2);
      transposeTile(to, along, from, down, height, width);
    }
  }
}

function transposeTile(to: usize, along: usize, from: usize, down: usize, height: usize, width: usize): void {
  const wholeHeight = height & ~3;
  const wholeWidth = width & ~3;
  for (let j: usize = 0; j < wholeWidth; j += 4) {
    let put = to + j * along;
    let at = from + (j << 2);
    for (let i: usize = 0; i < wholeHeight; i += 4, put += 16, at += down << 2) {
      const a = v128.load(at);
      const b = v128.load(at + down);
      const c = v128.load(at + (down << 1));
      const d = v128.load(at + 3 * down);
      const ab0 = v128.shuffle<u32>(a, b, 0, 4, 1, 5);
      const ab1 = v128.shuffle<u32>(a, b, 2, 6, 3, 7);
      const cd0 = v128.shuffle<u32>(c, d, 0, 4, 1, 5);
      const cd1 = v128.shuffle<u32>(c, d, 2, 6, 3, 7);
      v128.store(put, v128.shuffle<u64>(ab0, cd0, 0, 2));
      v128.store(put + along, v128.shuffle<u64>(ab0, cd0, 1, 3));
      v128.store(put + (along << 1), v128.shuffle<u64>(ab1, cd1, 0, 2));
      v128.store(put + 3 * along, v128.shuffle<u64>(ab1, cd1, 1, 3));
    }
  }
  for (let i: usize = 0; i < height; i++) {
    const first = i < wholeHeight ? wholeWidth : 0;
    for (let j = first; j < width; j++) {
      store<u32>(to + j * along + (i << 2), load<u32>(from + i * down + (j << 2)));
    }
  }
}
