// int8 weights with one scale for the tensor, a row or a group of a row (compressed-tensors `int-quantized` and its like):
// value = code · scale, where nothing shifts the codes.
import type { StoredTensor } from '../checkpoint.ts';
import { dtypes } from '../dtype.ts';
import { scaleNames } from '../companions.ts';
import { listed, presentedInt8 } from './presented.ts';
import type { Recognised, Surroundings } from './surroundings.ts';

export function rowScaledWeight(codes: StoredTensor, { tensors }: Surroundings): Recognised | null {
  const { name, dtype, shape, elements } = codes;
  if (dtype !== 'I8' || shape.length < 2) return null;
  const scaleName = scaleNames(name).find((each) => tensors.has(each));
  const scales = scaleName === undefined ? undefined : tensors.get(scaleName);
  if (scales === undefined) return null;
  const parts = [scales.name];
  const shift = ['_zero_point', '_shift', '_offset'].find((suffix) => tensors.has(`${name}${suffix}`));
  const group = groupOf(shape, scales.shape);
  if (shift !== undefined || group === null || dtypes[scales.dtype].kind !== 'float') {
    const why =
      shift === undefined ? `${scales.name} does not fit it` : `its codes are shifted by ${name}${shift}`;
    return { weight: listed(name, codes, elements, 'int8', why), parts };
  }
  const perScale = scales.elements === 1 ? elements : group;
  return { weight: presentedInt8(codes, scales, perScale, 1), parts };
}

/** Columns a scale; null where the scales are no whole number a row. */
function groupOf(shape: readonly number[], scales: readonly number[]): number | null {
  const columns = shape.at(-1) ?? 1;
  const rows = shape.slice(0, -1);
  if (scales.every((size) => size === 1)) return columns;
  const full = scales.length === rows.length ? [...scales, 1] : scales;
  const perRow = full.at(-1) ?? 0;
  const fits = full.length === shape.length && rows.every((size, dimension) => size === full[dimension]);
  return fits && perRow > 0 && columns % perRow === 0 ? columns / perRow : null;
}
