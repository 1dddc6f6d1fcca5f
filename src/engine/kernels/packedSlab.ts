// Reads the stretch of a packed weight that a slab lies in, keeping it while the next slabs lie in it too: of a transposed
// weight it is whole matrices.
import { dtypes } from '../checkpoint/dtype.ts';
import { codesBehind, partsBehind, type PackedWeight, type Part } from '../checkpoint/packed/packedWeight.ts';
import { UnpackedCodes } from '../checkpoint/packed/unpackedCodes.ts';
import { type ReadBytes, readElements } from './readElements.ts';

/** `held`, where it has these elements; else what was read. */
export function unpackedCodes(
  held: UnpackedCodes | null,
  packed: PackedWeight,
  first: number,
  count: number,
  read: ReadBytes,
): UnpackedCodes {
  if (held?.covers(packed, first, count) === true) return held;
  const range = codesBehind(packed, first, count);
  const bytes = partsBehind(packed, range).map((part) => readPart(part, read));
  return new UnpackedCodes(packed, range, bytes);
}

function readPart({ tensor, first, count }: Part, read: ReadBytes): Uint8Array {
  const { file, name, offset, dtype, pieces } = tensor;
  const width = dtypes[dtype].bits / 8;
  const bytes = new Uint8Array(count * width);
  readElements({ file, tensor: name, offset, width, ...(pieces && { pieces }) }, first, bytes, read);
  return bytes;
}
