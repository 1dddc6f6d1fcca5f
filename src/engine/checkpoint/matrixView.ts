// Which tensors are matrices, or stacks of them.
import type { ModuleKind } from '../../shared/report/moduleKinds.ts';
import { formatShape } from '../../shared/text/format.ts';

/** How a tensor's weights are seen as matrices: `count` of rows × columns, one behind the other. */
export interface MatrixView {
  rows: number;
  columns: number;
  count: number;
}

/** The matrices of a tensor of this shape, or in words why it has none. */
export function matricesOf(sizes: readonly number[], module: ModuleKind): MatrixView | string {
  const [first, second, third] = sizes;
  const shape = formatShape(sizes);
  if (sizes.length < 2 || first === undefined || second === undefined) {
    return `Not a matrix (${shape}): it has no principal directions.`;
  }
  const stacked = sizes.length === 3 && module === 'experts';
  if (sizes.length > 2 && !stacked) {
    return `Not a matrix (${shape}), nor a stack of expert matrices.`;
  }
  const view =
    stacked && third !== undefined
      ? { rows: second, columns: third, count: first }
      : { rows: first, columns: second, count: 1 };
  if (Math.min(view.rows, view.columns) < 2) {
    return `A matrix of ${shape} has a single direction: nothing can rotate.`;
  }
  return view;
}
