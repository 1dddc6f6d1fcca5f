// Flat indices as a patch stores them: I32, as the libraries that apply such patches take them, and I64 where a tensor has more
// elements than that counts.
import type { DtypeName } from '../checkpoint/dtype.ts';

export function indexDtype(elements: number): DtypeName & ('I32' | 'I64') {
  return elements <= 2 ** 31 ? 'I32' : 'I64';
}

export function indexBytes(elements: number): 4 | 8 {
  return indexDtype(elements) === 'I32' ? 4 : 8;
}

export function packIndices(indices: Float64Array, dtype: 'I32' | 'I64'): Uint8Array {
  if (dtype === 'I32') return new Uint8Array(Int32Array.from(indices).buffer);
  return new Uint8Array(BigInt64Array.from(indices, BigInt).buffer);
}

/** @param bytes whole indices from the begin of a buffer */
export function unpackIndices(
  { buffer, byteOffset, byteLength }: Uint8Array,
  dtype: 'I32' | 'I64',
): Float64Array {
  if (dtype === 'I32') return Float64Array.from(new Int32Array(buffer, byteOffset, byteLength / 4));
  return Float64Array.from(new BigInt64Array(buffer, byteOffset, byteLength / 8), Number);
}
