// Weights of E2M1 codes with a scale a group: MXFP4 (32 codes and an exponent; gpt-oss `_blocks` and `_scales`, Quark,
// compressed-tensors, DeepSeek-V4) and NVFP4 (16 codes, an F8 scale, and one number for the tensor: it multiplies as Model
// Optimizer's `weight_scale_2`, it divides as compressed-tensors' `weight_global_scale`).
import type { StoredTensor } from '../checkpoint.ts';
import { dtypes } from '../dtype.ts';
import { scaleNames } from '../companions.ts';
import { listed, presented } from './presented.ts';
import type { PackedWeight } from './packedWeight.ts';
import type { Recognised, Surroundings } from './surroundings.ts';

const mxGroup = 32;
const nvGroup = 16;

export function fourBitWeight(codes: StoredTensor, { tensors }: Surroundings): Recognised | null {
  if (!isNibbles(codes)) return null;
  return blocksOf(codes, tensors) ?? groupsBeside(codes, tensors);
}

/** Two codes a byte, or torch's pairs of 4-bit floats. */
function isNibbles({ dtype, shape }: StoredTensor): boolean {
  return (dtype === 'U8' || dtype === 'I8' || dtype === 'F4') && shape.length >= 2;
}

function isExponent({ dtype }: StoredTensor): boolean {
  return dtype === 'U8' || dtype === 'F8_E8M0';
}

/** gpt-oss: blocks (…, rows, groups, 16 bytes). transformers turns each matrix of experts over; OpenAI's own names do not. */
function blocksOf(codes: StoredTensor, tensors: ReadonlyMap<string, StoredTensor>): Recognised | null {
  const ending = /([._])blocks$/.exec(codes.name);
  if (ending === null) return null;
  const name = codes.name.slice(0, ending.index);
  const scales = tensors.get(`${name}${ending[1]}scales`);
  if (scales === undefined) return null;
  const [groups = 0, bytes = 0] = codes.shape.slice(-2);
  const before = codes.shape.slice(0, -2);
  const fits =
    bytes * 2 === mxGroup &&
    before.length > 0 &&
    isExponent(scales) &&
    sameShape(scales.shape, [...before, groups]);
  const parts = [scales.name];
  if (!fits) {
    const why = `${scales.name} does not fit it`;
    return { weight: listed(name, codes, nibblesOf(codes), 'MXFP4', why), parts };
  }
  const columns = groups * mxGroup;
  const [rows = 1] = before.slice(-1);
  const turned = ending[1] === '_' && before.length === 2;
  const shape = turned ? [...before.slice(0, -1), columns, rows] : [...before, columns];
  const packed = mxfp4(codes, scales, turned ? { rows: columns, columns: rows } : null);
  return { weight: presented(name, shape, packed), parts };
}

/** Codes (…, columns/2) beside scales (…, columns/group). */
function groupsBeside(codes: StoredTensor, tensors: ReadonlyMap<string, StoredTensor>): Recognised | null {
  const name = codes.name.replace(/_packed$/, '');
  const scaleName = scaleNames(name).find((each) => tensors.has(each));
  const scales = scaleName === undefined ? undefined : tensors.get(scaleName);
  if (scales === undefined) return null;
  const [stored = 0] = codes.shape.slice(-1);
  const columns = codes.dtype === 'F4' ? stored : 2 * stored;
  const before = codes.shape.slice(0, -1);
  const shape = [...before, columns];
  const covers = (group: number): boolean =>
    columns % group === 0 && sameShape(scales.shape, [...before, columns / group]);
  const parts = [scales.name];
  if (isExponent(scales) && covers(mxGroup)) {
    return { weight: presented(name, shape, mxfp4(codes, scales, null)), parts };
  }
  if (scales.dtype !== 'F8_E4M3' || !covers(nvGroup)) return null;
  const times = tensors.get(`${name}_scale_2`);
  const over = tensors.get(`${name}_global_scale`);
  const by = times ?? over;
  if (by?.elements !== 1 || dtypes[by.dtype].kind !== 'float' || (times && over)) {
    const why = 'its scale for the whole tensor is not known';
    return { weight: listed(name, codes, nibblesOf(codes), 'NVFP4', why), parts };
  }
  const packed: PackedWeight = {
    ...mxfp4(codes, scales, null),
    scheme: 'NVFP4',
    group: nvGroup,
    scaling: { kind: times === undefined ? 'over' : 'times', by },
  };
  return { weight: presented(name, shape, packed), parts: [...parts, by.name] };
}

function mxfp4(
  codes: StoredTensor,
  scales: StoredTensor,
  transposed: PackedWeight['transposed'],
): PackedWeight {
  return {
    scheme: 'MXFP4',
    codes,
    codeBits: 4,
    firstNibble: 'low',
    table: 'e2m1',
    scales,
    group: mxGroup,
    scaling: { kind: 'plain' },
    post: 1,
    transposed,
  };
}

function nibblesOf({ elements, dtype }: StoredTensor): number {
  return dtype === 'F4' ? elements : 2 * elements;
}

function sameShape(left: readonly number[], right: readonly number[]): boolean {
  return left.length === right.length && left.every((size, dimension) => size === right[dimension]);
}
