// An adapter's update of a stack of matrices (experts fused into one tensor) before it is known which way round they are
// stored: [matrices, out, in] or [matrices, in, out]. Where shapes do not tell, the other stacks of the adapter do, if
// they all say the same; nothing is guessed.
import { formatShape } from '../../shared/text/format.ts';
import type { StoredTensor } from '../checkpoint/checkpoint.ts';
import type { AdapterUpdate, FactorPart, StackBlock } from '../checkpoint/adapterUpdate.ts';

export type StackOrientation = 'out-in' | 'in-out';

/** s·B·A of one matrix of the stack, or of some of its outputs. */
export interface StackPiece {
  matrix: number;
  firstOutput: number;
  inputs: number;
  outputs: number;
  rank: number;
  scaling: number;
  a: FactorPart;
  b: FactorPart;
}

export interface StackPlan {
  target: StoredTensor;
  method: string;
  pieces: readonly StackPiece[];
  /** Of a whole matrix of the stack. */
  inputs: number;
  outputs: number;
  /** The orientations in which the update is defined. */
  allowed: readonly StackOrientation[];
}

export function orientationsOf({ target, inputs, outputs, allowed }: StackPlan): StackOrientation[] {
  const [, rows, columns] = target.shape;
  return allowed.filter((orientation) =>
    orientation === 'out-in'
      ? rows === outputs && columns === inputs
      : rows === inputs && columns === outputs,
  );
}

/** The one orientation of all stacks whose shapes tell; null when they disagree or none does. */
export function commonOrientation(plans: readonly StackPlan[]): StackOrientation | null {
  const told = new Set(
    plans.flatMap((plan) => {
      const found = orientationsOf(plan);
      return found.length === 1 ? found : [];
    }),
  );
  const [only] = told;
  return told.size === 1 && only !== undefined ? only : null;
}

/** Else why not, as a refusal says it. */
export function orientationOf(
  plan: StackPlan,
  common: StackOrientation | null,
): StackOrientation | { what: string } {
  const found = orientationsOf(plan);
  const [only] = found;
  const { target, inputs, outputs } = plan;
  if (only === undefined) {
    const what = `is ${formatShape(target.shape)}, which factors from ${inputs} to ${outputs} features of ${plan.pieces.length === 1 ? 'a matrix' : 'its matrices'} do not fit`;
    return { what };
  }
  if (found.length === 1) return only;
  if (common !== null && found.includes(common)) return common;
  const what = `is ${formatShape(target.shape)}: its matrices are square, and nothing in the adapter tells whether their rows are inputs or outputs`;
  return { what };
}

export function stackUpdate(plan: StackPlan, orientation: StackOrientation): AdapterUpdate {
  const { target, method, pieces } = plan;
  const [, height = 0] = target.shape;
  const transposed = orientation === 'in-out';
  const blocks = pieces.map((piece): StackBlock => {
    const { matrix, firstOutput, inputs, outputs, rank, scaling, a, b } = piece;
    return {
      firstRow: matrix * height + (transposed ? 0 : firstOutput),
      rows: transposed ? inputs : outputs,
      fromRow: 0,
      firstColumn: transposed ? firstOutput : 0,
      columns: transposed ? outputs : inputs,
      ...{ rank, scaling, transposed, a, b },
    };
  });
  const largest = (of: (piece: StackPiece) => number): number => Math.max(...pieces.map(of));
  const rank = largest((piece) => piece.rank);
  return { kind: 'stack', method, rank, scaling: largest((piece) => piece.scaling), blocks };
}
