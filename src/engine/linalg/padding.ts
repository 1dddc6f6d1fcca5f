// Rows whose length in memory is a multiple of 4 KiB fall into the same few sets of a cache, which then holds only some
// of the rows that a matrix product walks along at once: a thin product with 4096 columns runs a fifth slower than one
// with 4128. So matrices that are read often are copied with a few zeros behind every row.
import type { Strided } from './transpose.ts';

const aliasedBytes = 4096;
const paddingBytes = 128;

/** Elements from one row to the next, for rows of this length. */
export function paddedLength(length: number, elementBytes: 4 | 8 = 4): number {
  return (length * elementBytes) % aliasedBytes === 0 ? length + paddingBytes / elementBytes : length;
}

/** Room for a padded float32 copy of a matrix with rows of this length. */
export function paddedElements(rows: number, columns: number): number {
  return rows * paddedLength(columns);
}

/** Puts zeros behind every row of this length. */
export function clearPadding({ data, stride }: Strided, length: number): void {
  for (let end = stride; end <= data.length && stride > length; end += stride) {
    data.fill(0, end - stride + length, end);
  }
}
