// One tensor pair of an analysis: what is measured of it.
import type { TensorPair } from '../checkpoint/checkpoint.ts';
import type { MatrixView } from '../checkpoint/matrixView.ts';
import type { MatrixLayout } from '../linalg/layout.ts';

/** And how each of them is treated. */
export interface PlannedMatrices extends MatrixView {
  layout: MatrixLayout;
}

export interface Step {
  pair: TensorPair;
  /** Null where Gate II has nothing to measure, with the reason. */
  matrices: PlannedMatrices | null;
  noGeometry: string | null;
  /** Bytes of both sides, and of the copy that is made of one, until they are decomposed; 0 without geometry. */
  matrixBytes: number;
  /** Integers and booleans have no bf16 view and no drift: only equality is compared. */
  equalityOnly: boolean;
  /** Whether it is the one whose angle curve is shown among the published statistics. */
  angleCurve: boolean;
}
