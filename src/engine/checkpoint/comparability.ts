// Whether two matched tensors can be compared, over which shape, and if not, why.
import { problem } from '../../shared/errors.ts';
import type { Problem, ProblemCode } from '../../shared/errors.ts';
import { formatShape } from '../../shared/format.ts';
import type { StoredTensor } from './checkpoint.ts';
import { dtypes } from './dtype.ts';
import { moduleKind } from './tensorNames.ts';

/** Rows that only the longer side has. */
export interface RowsLeft {
  side: 'base' | 'tuned';
  elements: number;
  reason: Problem;
}

export type Comparability =
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
  const dtypeFault = faultOfDtypes(base, tuned);
  if (dtypeFault !== null) return refuse('dtype-unsupported', `is not comparable: ${dtypeFault}`);
  const rows = commonRows(name, base, tuned);
  if (rows === null) {
    const shapes = `${formatShape(base.shape)} in the base and ${formatShape(tuned.shape)} in the tuned checkpoint`;
    return refuse('shape-mismatch', `has the shape ${shapes}`);
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
