// F8 weights and the scales stored beside them (`companions.ts` knows their names): value = q · scale of its block. An F8
// matrix is taken at face value only where nothing at all can be its scale.
import { problem, type Problem } from '../../shared/errors.ts';
import { formatShape } from '../../shared/text/format.ts';
import type { StoredTensor, UnreadableTensor } from './checkpoint.ts';
import { companionsOf, isActivationScale, isScaleMarker, scaleNames } from './companions.ts';
import { isFloat8, isScaleDtype } from './dtype.ts';
import { moduleKind } from './tensorNames.ts';
import type { Quantization } from './quantization.ts';

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
 * Null when the shapes fit no known layout: one scale; one per row ([m] or [m, 1]); or blocks, of the size that the config
 * states, of a known size, or of a power of two that divides. A stack of matrices has as many stacked scales, or one
 * scale in all.
 */
export function scaleLayout(
  weightShape: readonly number[],
  scaleShape: readonly number[],
  stated?: readonly [number, number],
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
  const blockRows = blockSize(matrixRows, scaleRows, stated?.[0]);
  const blockColumns = blockSize(columns, scaleColumns, stated?.[1]);
  if (!sameStack || blockRows === null || blockColumns === null) return null;
  if (perRow && blockRows !== 1) return null;
  return { blockRows, blockColumns, scaleRows, scaleColumns, matrixRows };
}

function blockSize(size: number, blocks: number, stated?: number): number | null {
  if (blocks === 1) return size;
  const fits = (block: number): boolean => Math.ceil(size / block) === blocks;
  if (stated !== undefined && fits(stated)) return stated;
  const known = blockSizes.find(fits);
  if (known !== undefined) return known;
  const divided = size / blocks;
  return Number.isInteger(Math.log2(divided)) ? divided : null;
}

interface ScaledTensors {
  tensors: ReadonlyMap<string, StoredTensor>;
  unreadable: readonly UnreadableTensor[];
}

/**
 * Gives F8 weights their scales and takes those scales off the list. A matrix without one is unreadable, as its stored
 * numbers are not its values, where the config says that the model is quantised, where any other has a scale, or where
 * something unexplained lies beside it or has the shape of scales. Without F8 weights, gives back what it was given.
 */
export function attachScales(
  tensors: ReadonlyMap<string, StoredTensor>,
  unreadable: readonly UnreadableTensor[],
  quantization: Quantization | null,
): ScaledTensors {
  const weights = [...tensors.values()].filter(({ dtype }) => isFloat8(dtype));
  if (weights.length === 0) return { tensors, unreadable };
  const finder = new ScaleFinder(tensors, unreadable, weights, quantization);
  const result = { tensors: new Map<string, StoredTensor>(), unreadable: [] as UnreadableTensor[] };
  for (const [name, tensor] of tensors) {
    if (finder.isScale(name)) continue;
    const found = isFloat8(tensor.dtype) ? finder.scaleOf(tensor) : null;
    if (found === null) result.tensors.set(name, tensor);
    else if ('code' in found) result.unreadable.push({ name, elements: tensor.elements, reason: found });
    else result.tensors.set(name, { ...tensor, ...found });
  }
  result.unreadable.unshift(...unreadable.filter(({ name }) => !finder.isScale(name)));
  return result;
}

class ScaleFinder {
  readonly #tensors: ReadonlyMap<string, StoredTensor>;
  readonly #names: Set<string>;
  readonly #block: { scaleBlock: readonly [number, number] } | null;
  /** Names of the scales that were found, by weight. */
  readonly #scaleNames = new Map<string, string>();
  readonly #used: Set<string>;
  readonly #expected: boolean;
  /** How many F8 matrices there are. */
  readonly #matrices: number;
  /** What may be the scale of some weight, as nothing else explains it. */
  readonly #unexplained: StoredTensor[];

  constructor(
    tensors: ReadonlyMap<string, StoredTensor>,
    unreadable: readonly UnreadableTensor[],
    weights: readonly StoredTensor[],
    quantization: Quantization | null,
  ) {
    this.#tensors = tensors;
    this.#names = new Set([...tensors.keys(), ...unreadable.map(({ name }) => name)]);
    const block = quantization?.blockSize ?? null;
    this.#block = block && { scaleBlock: block };
    for (const { name } of weights) {
      const scale = scaleNames(name).find((each) => this.#names.has(each));
      if (scale !== undefined) this.#scaleNames.set(name, scale);
    }
    this.#used = new Set(this.#scaleNames.values());
    const isMarked = [...this.#names].some(isScaleMarker);
    this.#expected = quantization !== null || this.#used.size > 0 || isMarked;
    this.#matrices = weights.filter(({ shape }) => shape.length >= 2).length;
    this.#unexplained = [...tensors.values()].filter((tensor) => isUnexplained(tensor));
  }

  /** Scales, and ranges of activations beside them, are no weights. */
  isScale(name: string): boolean {
    return this.#used.has(name) || (this.#expected && isActivationScale(name));
  }

  /** What a weight is read with; a Problem where it cannot be; null where it is what is stored. */
  scaleOf(weight: StoredTensor): Pick<StoredTensor, 'scale' | 'scaleBlock'> | Problem | null {
    const { name, shape } = weight;
    const scaleName = this.#scaleNames.get(name);
    if (scaleName === undefined) {
      if (shape.length < 2) return null;
      const suspect = this.#suspectOf(weight);
      return this.#expected || suspect !== null ? withoutScale(weight, suspect) : null;
    }
    const scale = this.#tensors.get(scaleName) ?? null;
    const fault = faultOf(weight, scale, scaleName, this.#block?.scaleBlock) ?? this.#second(weight);
    return fault ?? { scale, ...this.#block };
  }

  /** A second companion may change what the first one means. */
  #second(weight: StoredTensor): Problem | null {
    const odd = companionsOf(weight.name, this.#names).find(
      (name) => !this.isScale(name) && /scale|smooth|amax/i.test(name.slice(weight.name.lastIndexOf('.'))),
    );
    return odd === undefined ? null : withoutScale(weight, odd);
  }

  /** Name of what lies beside a weight or has the shape of its scales. */
  #suspectOf({ name, shape, elements }: StoredTensor): string | null {
    const ofWeight = [...this.#names].find(
      (each) => /^[._]/.test(each.slice(name.length)) && each.startsWith(name) && each !== `${name}_bias`,
    );
    const beside = ofWeight ?? companionsOf(name, this.#names)[0];
    if (beside !== undefined) return beside;
    // Where scales are known, it is enough to say that this one has none.
    if (this.#expected) return null;
    const fits = this.#unexplained.filter(
      (tensor) => 2 * tensor.elements <= elements && scaleLayout(shape, tensor.shape) !== null,
    );
    // One far from the weight is no scale where there are not as many as weights: CLIP's logit_scale, for instance.
    const around = name.split('.').slice(0, -2).join('.');
    const near = fits.find((tensor) => around !== '' && tensor.name.startsWith(`${around}.`));
    const suspect = near ?? (fits.length >= this.#matrices ? fits[0] : undefined);
    return suspect?.name ?? null;
  }
}

/** Weights, biases and norms explain themselves, and no writer keeps scales in F64; one number never is a weight. */
function isUnexplained({ name, dtype, shape, elements }: StoredTensor): boolean {
  if (!isScaleDtype(dtype) || dtype === 'F64' || (isFloat8(dtype) && shape.length > 1)) return false;
  if (elements === 1) return true;
  const leaf = name.slice(name.lastIndexOf('.') + 1);
  const isParameter = /^(?:\w*_)?(?:weight|bias)$/.test(leaf) && !/scale/i.test(name);
  const isNorm =
    shape.length === 1 && /\.(?:weight|bias|scale|g|b)$/.test(name) && moduleKind(name) === 'norm';
  return !isParameter && !isNorm;
}

function withoutScale(weight: StoredTensor, suspect: string | null): Problem {
  const place = { file: weight.file, tensor: weight.name };
  const beside =
    suspect === null
      ? `no scale lies beside it (such as "${scaleNames(weight.name)[0] ?? ''}"), though the checkpoint is quantised`
      : `what "${suspect}" beside it means is not known`;
  return problem('dtype-scale-missing', `${subjectOf(weight)}, and ${beside}.`, place);
}

function subjectOf({ name, file, dtype }: StoredTensor): string {
  return `Tensor "${name}" of ${file} is stored in ${dtype}`;
}

function faultOf(
  weight: StoredTensor,
  scale: StoredTensor | null,
  scaleName: string,
  block: readonly [number, number] | undefined,
): Problem | null {
  const place = { file: weight.file, tensor: weight.name };
  const subject = subjectOf(weight);
  if (scale === null) {
    return problem('dtype-scale-missing', `${subject} and its scale "${scaleName}" cannot be read.`, place);
  }
  if (!isScaleDtype(scale.dtype)) {
    const message = `${subject} with its scale "${scaleName}" in ${scale.dtype}, which is not supported.`;
    return problem('dtype-scale-missing', message, place);
  }
  if (scaleLayout(weight.shape, scale.shape, block) === null) {
    const shapes = `"${scaleName}" is ${formatShape(scale.shape)} for ${formatShape(weight.shape)}`;
    return problem('dtype-scale-missing', `${subject} with scales that do not fit it: ${shapes}.`, place);
  }
  return null;
}
