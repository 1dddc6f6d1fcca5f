// How the parts lie in a fused tensor: by its shape, else by its neighbours in the same module, else by the model that
// config.json names. In words where none of them tells.
import { formatShape } from '../../shared/text/format.ts';
import type { AttentionHeads, StoredTensor } from '../checkpoint/checkpoint.ts';
import type { Candidate } from './fusedCandidates.ts';
import { knownOrientation, orientations, queryKeyValueLayout, takesTurns, type Role } from './fusions.ts';
import { groupedSlice, sliceOf, type Slice } from './fusedSlices.ts';

export interface Layout {
  /** Stored in × out, where the parts are out × in. */
  transposed: boolean;
  /** One part behind the other, row by row in turns, or in so many groups of heads. */
  order: 'joined' | 'turns' | { groups: number };
  /** Rows of each role's part, and their columns; 1 for a bias. */
  sizes: readonly number[];
  columns: number;
}

interface ModelFacts {
  modelType: string | null;
  attention: AttentionHeads | undefined;
}

/** `neighbours` are the other candidates of the same module. */
export function layoutOf(
  fused: StoredTensor,
  { fusion, roles, examples }: Candidate,
  neighbours: readonly Candidate[],
  model: ModelFacts,
): Layout | { refused: string } {
  if (examples === null) return { refused: 'one of them cannot be read' };
  const isBias = fusion.parameter === 'bias';
  const { rows, columns } = sizeOf(examples);
  const shapes = `${formatShape(fused.shape)} beside ${examples.map(({ shape }) => formatShape(shape)).join(' and ')}`;
  const dimensions = isBias ? 1 : 2;
  const isExpected =
    fused.shape.length === dimensions + (fusion.isStack ? 1 : 0) &&
    examples.every(({ shape }) => shape.length === dimensions && (shape[1] ?? 1) === columns);
  const fits = isBias
    ? { straight: fused.shape.at(-1) === rows, transposed: false }
    : orientations(fused.shape, rows, columns);
  if (!isExpected || (!fits.straight && !fits.transposed)) {
    return { refused: `the shapes do not go together: ${shapes}` };
  }
  const told = [fits, ...(fusion.isStack ? neighbours.map(orientationOf) : [])].find(
    ({ straight, transposed }) => straight !== transposed,
  );
  // What a Linear fuses is never transposed; a Conv1D's c_attn of equal sides does not exist.
  const transposed = told?.transposed ?? (fusion.isStack ? knownOrientation(model.modelType) : false);
  if (transposed === null) {
    return { refused: `the shapes fit both orientations, and nothing tells which it is: ${shapes}` };
  }
  const order = orderOf(fusion, roles, examples, neighbours, model);
  if (typeof order === 'object' && 'refused' in order) return order;
  return { transposed, order, sizes: examples.map(({ shape }) => shape[0] ?? 1), columns };
}

function orientationOf({ tensor, examples, fusion }: Candidate): { straight: boolean; transposed: boolean } {
  if ('reason' in tensor || examples === null || fusion.parameter === 'bias') {
    return { straight: false, transposed: false };
  }
  const { rows, columns } = sizeOf(examples);
  return orientations(tensor.shape, rows, columns);
}

function sizeOf(examples: readonly StoredTensor[]): { rows: number; columns: number } {
  const rows = examples.reduce((sum, { shape }) => sum + (shape[0] ?? 1), 0);
  return { rows, columns: examples[0]?.shape[1] ?? 1 };
}

function orderOf(
  { isStack, leaf }: Candidate['fusion'],
  roles: readonly Role[],
  examples: readonly StoredTensor[],
  neighbours: readonly Candidate[],
  { modelType, attention }: ModelFacts,
): Layout['order'] | { refused: string } {
  if (roles.length === 2) {
    const hasBias = neighbours.some(({ fusion }) => fusion.leaf === leaf);
    return isStack && takesTurns(modelType, hasBias) ? 'turns' : 'joined';
  }
  if (roles.length !== 3) return 'joined';
  const known = queryKeyValueLayout(leaf, modelType, attention);
  if (typeof known === 'string') return { refused: known };
  const { groups } = known;
  if (groups === null) return 'joined';
  const isWhole = examples.every(({ shape }) => (shape[0] ?? 1) % groups === 0);
  return isWhole ? { groups } : { refused: `${groups} heads do not divide the parts` };
}

/** The part of role `at` of an expert (0 where there is no stack). */
export function sliceOfPart(
  fused: StoredTensor,
  { fusion, roles }: Candidate,
  { transposed, order, sizes, columns }: Layout,
  expert: number,
  at: number,
): Slice {
  const isBias = fusion.parameter === 'bias';
  const all = sizes.reduce((sum, size) => sum + size, 0);
  const rows = sizes[at] ?? 0;
  const before = sizes.slice(0, at).reduce((sum, size) => sum + size, 0);
  const shape = isBias ? [rows] : [rows, columns];
  if (typeof order === 'object') {
    if (transposed) return 'it is stored in × out by heads, which is not known of any model';
    const perGroup = sizes.map((size) => size / order.groups);
    const within = before / order.groups;
    const starts = Array.from({ length: order.groups }, (_, head) => head * (all / order.groups) + within);
    const index = `${roles[at] ?? ''} of ${order.groups} heads`;
    return groupedSlice(fused, { index, shape }, starts, perGroup[at] ?? 0);
  }
  const [offset, step] = order === 'turns' ? [at, sizes.length] : [before, 1];
  const range = order === 'turns' ? `${at}::${step}` : `${before}:${before + rows}`;
  const index = [
    ...(fusion.isStack ? [String(expert)] : []),
    ...(sizes.length === 1 ? [] : [...(transposed ? [':'] : []), range]),
  ].join(', ');
  const start = expert * all * columns;
  if (isBias) return sliceOf(fused, { index, shape, first: start + offset, rowStep: rows, columnStep: step });
  return transposed
    ? sliceOf(fused, { index, shape, first: start + offset, rowStep: step, columnStep: all })
    : sliceOf(fused, {
        ...{ index, shape, first: start + offset * columns },
        ...{ rowStep: step * columns, columnStep: 1 },
      });
}

/** How the parts lie, for a note. */
export function layoutInWords({ transposed, order }: Layout, { roles, fusion }: Candidate): string {
  const all = roles.join(', ');
  const joined = roles.length === 1 ? 'a matrix an expert' : `${all} one behind the other`;
  const parts =
    order === 'joined'
      ? joined
      : order === 'turns'
        ? `rows of ${all} in turns`
        : `${all} of ${order.groups} groups of heads`;
  const kind = fusion.parameter === 'bias' ? `biases, ${parts}` : parts;
  return transposed ? `${kind}; stored in × out, read transposed` : kind;
}
