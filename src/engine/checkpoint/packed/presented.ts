// How a packed weight stands in the list of tensors: under the weight's name, readable or with its scheme as the reason.
import { problem } from '../../../shared/errors.ts';
import type { StoredTensor, UnreadableTensor } from '../checkpoint.ts';
import { tensorsOf, type PackedWeight } from './packedWeight.ts';

export function presented(name: string, shape: readonly number[], packed: PackedWeight): StoredTensor {
  const { file, offset } = packed.codes;
  return {
    name,
    dtype: 'F32',
    shape: [...shape],
    elements: shape.reduce((product, size) => product * size, 1),
    file,
    offset,
    bytes: tensorsOf(packed).reduce((sum, { bytes }) => sum + bytes, 0),
    scale: null,
    packed,
  };
}

/** int8 codes with a scale for each `group` of them: value = code · scale · post. */
export function presentedInt8(
  codes: StoredTensor,
  scales: StoredTensor,
  group: number,
  post: number,
): StoredTensor {
  return presented(codes.name, codes.shape, {
    scheme: 'INT8',
    codes,
    codeBits: 8,
    firstNibble: 'low',
    table: 'int8',
    scales,
    group,
    scaling: { kind: 'plain' },
    post,
    transposed: null,
  });
}

/** `elements`: of the weight, not of its codes. */
export function listed(
  name: string,
  codes: StoredTensor,
  elements: number,
  scheme: string,
  why: string | null = null,
): UnreadableTensor {
  const because = why === null ? 'which is not dequantised here' : `and ${why}`;
  const message =
    `Tensor "${name}" of ${codes.file} is packed (${scheme}), ${because}: ` +
    'its values are not compared. Name the checkpoint that it was quantised from.';
  return {
    name,
    elements,
    reason: problem('packed-weights', message, { file: codes.file, tensor: codes.name }),
  };
}
