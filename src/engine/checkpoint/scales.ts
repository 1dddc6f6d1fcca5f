// F8 weights and the scales stored beside them: value = q · scale of its block (DeepSeek-V3 `weight_scale_inv`,
// compressed-tensors and vLLM `weight_scale`). Both names multiply, whatever "inv" suggests.
import { problem } from '../../shared/errors.ts';
import { formatShape } from '../../shared/format.ts';
import type { StoredTensor, UnreadableTensor } from './checkpoint.ts';
import { dtypes, isFloat8 } from './dtype.ts';

const scaleSuffixes = ['_scale_inv', '_scale'];
/** The published kind first; one per row or column; then what other writers use. The last block may be cut off. */
const blockSizes = [128, 1, 64, 32, 16, 256, 512];

/** How a scale tensor covers a weight seen as a stack of matrices (the last two dimensions). */
export interface ScaleLayout {
  /** Rows and columns of the weight that share one scale. */
  blockRows: number;
  blockColumns: number;
  /** Rows and columns of scales per matrix; scales are row-major, matrix after matrix. */
  scaleRows: number;
  scaleColumns: number;
  /** Rows of the weight per matrix. */
  matrixRows: number;
}

/**
 * Null when the shapes fit no known layout: one scale; one per row ([m] or [m, 1]); or blocks of a known size. A stack
 * of matrices has as many stacked scales, or one scale in all.
 */
export function scaleLayout(
  weightShape: readonly number[],
  scaleShape: readonly number[],
): ScaleLayout | null {
  const columns = weightShape.at(-1) ?? 1;
  const matrixRows = weightShape.length < 2 ? 1 : (weightShape.at(-2) ?? 1);
  const allRows = weightShape.slice(0, -1).reduce((product, size) => product * size, 1);
  if (scaleShape.every((size) => size === 1)) {
    // One scale for everything, also for a stack.
    return { blockRows: allRows, blockColumns: columns, scaleRows: 1, scaleColumns: 1, matrixRows: allRows };
  }
  const perRow = scaleShape.length === weightShape.length - 1;
  const full = perRow ? [...scaleShape, 1] : scaleShape;
  const sameStack =
    full.length === weightShape.length &&
    full.slice(0, -2).every((size, dimension) => size === weightShape[dimension]);
  const scaleRows = full.length < 2 ? 1 : (full.at(-2) ?? 1);
  const scaleColumns = full.at(-1) ?? 1;
  const blockRows = blockSize(matrixRows, scaleRows);
  const blockColumns = blockSize(columns, scaleColumns);
  if (!sameStack || blockRows === null || blockColumns === null) return null;
  if (perRow && blockRows !== 1) return null;
  return { blockRows, blockColumns, scaleRows, scaleColumns, matrixRows };
}

function blockSize(size: number, blocks: number): number | null {
  if (blocks === 1) return size;
  return blockSizes.find((block) => Math.ceil(size / block) === blocks) ?? null;
}

export interface ScaledTensors {
  tensors: Map<string, StoredTensor>;
  unreadable: UnreadableTensor[];
}

/**
 * Gives F8 weights their scales and takes those scales off the list. Where a checkpoint scales its F8 weights
 * (`quantized`, or any of them has a scale), a matrix without one is unreadable: its stored numbers are not its values.
 */
export function attachScales(
  tensors: ReadonlyMap<string, StoredTensor>,
  unreadable: readonly UnreadableTensor[],
  quantized: boolean,
): ScaledTensors {
  const hasFloat8 = [...tensors.values()].some(({ dtype }) => isFloat8(dtype));
  if (!hasFloat8) return { tensors: new Map(tensors), unreadable: [...unreadable] };
  const scaleNames = new Map<string, string>();
  const names = new Set([...tensors.keys(), ...unreadable.map(({ name }) => name)]);
  for (const [name, tensor] of tensors) {
    const scale = isFloat8(tensor.dtype)
      ? scaleSuffixes.map((suffix) => name + suffix).find((candidate) => names.has(candidate))
      : undefined;
    if (scale !== undefined) scaleNames.set(name, scale);
  }
  const expected = quantized || scaleNames.size > 0;
  const used = new Set(scaleNames.values());
  const result: ScaledTensors = {
    tensors: new Map(),
    unreadable: unreadable.filter(({ name }) => !used.has(name)),
  };
  for (const [name, tensor] of tensors) {
    if (used.has(name)) continue;
    const scaleName = scaleNames.get(name);
    if (!isFloat8(tensor.dtype) || (scaleName === undefined && (!expected || tensor.shape.length < 2))) {
      result.tensors.set(name, tensor);
      continue;
    }
    const scale = scaleName === undefined ? null : (tensors.get(scaleName) ?? null);
    const fault = faultOf(tensor, scale, scaleName ?? `${name}${scaleSuffixes[0] ?? ''}`);
    if (fault === null) result.tensors.set(name, { ...tensor, scale });
    else result.unreadable.push({ name, elements: tensor.elements, reason: fault });
  }
  return result;
}

function faultOf(
  weight: StoredTensor,
  scale: StoredTensor | null,
  scaleName: string,
): UnreadableTensor['reason'] | null {
  const place = { file: weight.file, tensor: weight.name };
  const subject = `Tensor "${weight.name}" of ${weight.file} is stored in ${weight.dtype}`;
  if (scale === null) {
    return problem('dtype-scale-missing', `${subject} and its scale "${scaleName}" cannot be read.`, place);
  }
  if (dtypes[scale.dtype].kind !== 'float') {
    return problem(
      'dtype-scale-missing',
      `${subject} with a scale in ${scale.dtype}, which is not supported.`,
      place,
    );
  }
  if (scaleLayout(weight.shape, scale.shape) === null) {
    const shapes = `${formatShape(scale.shape)} for ${formatShape(weight.shape)}`;
    return problem('dtype-scale-missing', `${subject} with scales that do not fit it: ${shapes}.`, place);
  }
  return null;
}
