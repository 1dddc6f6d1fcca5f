// Whether two matched tensors can be compared, over which shape, and if not, why.
import { problem } from '../../shared/errors.ts';
import type { Problem, ProblemCode } from '../../shared/errors.ts';
import { formatShape } from '../../shared/text/format.ts';
import type { StoredTensor } from '../checkpoint/checkpoint.ts';
import { dtypes } from '../checkpoint/dtype.ts';
import { moduleKind } from '../checkpoint/tensorNames.ts';

/** Rows that only the longer side has. */
interface RowsLeft {
  side: 'base' | 'tuned';
  elements: number;
  reason: Problem;
}

type Comparability =
  | {
      shape: number[];
      elements: number;
      rowsLeft: RowsLeft | null;
      /** Integers and booleans are held against each other, but no gate measures them. */
      equalityOnly: boolean;
    }
  | { reason: Problem };

/** `name` is the pair's name, for the sentences. */
export function comparability(name: string, base: StoredTensor, tuned: StoredTensor): Comparability {
  const refuse = (code: ProblemCode, sentence: string): Comparability => ({
    reason: problem(code, `Tensor "${name}" ${sentence}.`, { file: tuned.file, tensor: name }),
  });
  const emptySide =
    (base.elements === 0) === (tuned.elements === 0) ? null : base.elements === 0 ? 'base' : 'tuned';
  if (emptySide !== null) {
    return refuse('empty-tensor', emptyBeside(emptySide, emptySide === 'base' ? base : tuned));
  }
  const dtypeFault = faultOfDtypes(base, tuned);
  if (dtypeFault !== null) return refuse('dtype-unsupported', `is not comparable: ${dtypeFault}`);
  const rows = commonRows(name, base, tuned);
  if (rows === null) {
    const shapes = `${formatShape(base.shape)} in the base and ${formatShape(tuned.shape)} in the tuned checkpoint`;
    const why = isSwapped(base.shape, tuned.shape) ? `: ${looksTransposed}` : '';
    return refuse('shape-mismatch', `has the shape ${shapes}${why}`);
  }
  const shape = base.shape.length === 0 ? [] : [rows, ...base.shape.slice(1)];
  const elements = Math.min(base.elements, tuned.elements);
  if (elements === 0) return refuse('empty-tensor', `has no elements (${formatShape(shape)})`);
  const equalityOnly = dtypes[base.dtype].kind !== 'float';
  return { shape, elements, rowsLeft: rowsLeftOver(name, rows, base, tuned), equalityOnly };
}

/**
 * Integers that may be the codes of weights, by an unknown scheme. Masks, positions and counters are none: they are
 * booleans or 64 bits wide, have one dimension, or are broadcast along their first.
 */
export function mayBeWeights({ dtype, shape }: Pick<StoredTensor, 'dtype' | 'shape'>): boolean {
  const { kind, bits } = dtypes[dtype];
  return kind === 'integer' && bits < 64 && shape.length >= 2 && shape[0] !== 1;
}

const looksTransposed =
  'it looks transposed, as GPT-2 stores a matrix (Conv1D, in × out) and other code the same one (Linear, out × in): save both sides by the same code';

/** Two matrices whose rows are the other's columns. */
export function isSwapped(one: readonly number[], other: readonly number[]): boolean {
  return (
    one.length === 2 && other.length === 2 && one[0] === other[1] && one[1] === other[0] && one[0] !== one[1]
  );
}

/** Said of a tensor without elements whose partner has some. */
export function emptyBeside(side: 'base' | 'tuned', { shape, file }: StoredTensor): string {
  return `is empty ([${shape.join(', ')}]) in the ${side} checkpoint (${file}), which was saved under DeepSpeed ZeRO-3 without gathering; save it with stage3_gather_16bit_weights_on_model_save, or make whole weights of the run's checkpoint folder with its zero_to_fp32.py`;
}

/** Floats compare across widths; integers and booleans only with their own dtype. */
function faultOfDtypes(base: StoredTensor, tuned: StoredTensor): string | null {
  const kinds = { base: dtypes[base.dtype].kind, tuned: dtypes[tuned.dtype].kind };
  if (base.dtype === tuned.dtype) {
    return kinds.base === 'unsupported' ? `dtype ${base.dtype}` : null;
  }
  if (kinds.base === 'float' && kinds.tuned === 'float') return null;
  return `dtype ${base.dtype} in the base and ${tuned.dtype} in the tuned checkpoint`;
}

/**
 * The number of first-dimension entries to compare; null when the shapes do not go together. Only embeddings and heads
 * may differ in rows (a resized vocabulary): in any other matrix equal row numbers would not mean equal neurons.
 */
function commonRows(name: string, base: StoredTensor, tuned: StoredTensor): number | null {
  const [baseRows = 1, baseColumns] = base.shape;
  const [tunedRows = 1, tunedColumns] = tuned.shape;
  if (base.shape.length !== tuned.shape.length) return null;
  if (base.shape.every((size, dimension) => size === tuned.shape[dimension])) return baseRows;
  const isMatrix = base.shape.length === 2 && baseColumns === tunedColumns;
  const kind = moduleKind(name);
  return isMatrix && (kind === 'embed' || kind === 'head') ? Math.min(baseRows, tunedRows) : null;
}

function rowsLeftOver(name: string, rows: number, base: StoredTensor, tuned: StoredTensor): RowsLeft | null {
  if (base.elements === tuned.elements) return null;
  const [side, longer] =
    base.elements > tuned.elements ? (['base', base] as const) : (['tuned', tuned] as const);
  const message = `Tensor "${name}" has its rows from ${rows} to ${(longer.shape[0] ?? 1) - 1} only in the ${side} checkpoint.`;
  return {
    side,
    elements: Math.abs(base.elements - tuned.elements),
    reason: problem('shape-mismatch', message, { file: longer.file, tensor: longer.name }),
  };
}
