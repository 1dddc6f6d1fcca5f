// Elements as the bits that they are: compared, picked and replaced by width, whatever they mean. Little-endian, as files are.

type Words = Uint8Array | Uint16Array | Uint32Array | BigUint64Array;

/** The dtype's elements are whole bytes of a width that a machine has. */
export function isAddressable(bits: number): boolean {
  return bits === 8 || bits === 16 || bits === 32 || bits === 64;
}

/** @param width bytes an element; `bytes` begins on a multiple of it in its buffer */
function wordsOf({ buffer, byteOffset, byteLength }: Uint8Array, width: number): Words {
  const length = byteLength / width;
  if (width === 1) return new Uint8Array(buffer, byteOffset, length);
  if (width === 2) return new Uint16Array(buffer, byteOffset, length);
  return width === 4
    ? new Uint32Array(buffer, byteOffset, length)
    : new BigUint64Array(buffer, byteOffset, length);
}

/** How many elements of two equally long stretches differ. */
export function countChanged(base: Uint8Array, tuned: Uint8Array, width: number): number {
  const [left, right] = [wordsOf(base, width), wordsOf(tuned, width)];
  let changed = 0;
  for (let i = 0; i < left.length; i++) if (left[i] !== right[i]) changed++;
  return changed;
}

export interface Replaced {
  /** Flat, from `first` on. */
  indices: Float64Array;
  /** Bytes of the elements there. */
  values: Uint8Array;
}

/** The elements of `tuned` that are not those of `base`; `first` is the index of the stretch in its tensor. */
export function changedElements(base: Uint8Array, tuned: Uint8Array, width: number, first: number): Replaced {
  const [left, right] = [wordsOf(base, width), wordsOf(tuned, width)];
  const changed = countChanged(base, tuned, width);
  const indices = new Float64Array(changed);
  const values = new Uint8Array(changed * width);
  const to = wordsOf(values, width);
  for (let i = 0, at = 0; i < left.length; i++) {
    const value = right[i]!;
    if (left[i] === value) continue;
    indices[at] = first + i;
    to[at] = value;
    at++;
  }
  return { indices, values };
}

/** Puts elements in their places of a stretch that begins at index `first` of its tensor. */
export function replaceElements(
  stretch: Uint8Array,
  width: number,
  first: number,
  { indices, values }: Replaced,
): void {
  const [to, from] = [wordsOf(stretch, width), wordsOf(values, width)];
  for (let i = 0; i < indices.length; i++) to[indices[i]! - first] = from[i]!;
}
