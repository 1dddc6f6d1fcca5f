// The tuned side of a slab that is not stored: Ŵ = W + Δ in float32, and for DoRA every row of that scaled to its norm,
//   w' = m_i/‖w_i + δ_i‖ · (w_i + δ_i)   (huggingface/peft, tuners/lora/dora.py; norms in float64).
import { ThreeGateError } from '../../shared/errors.ts';
import type { Rectangle } from './chunkPlan.ts';
import type { Update } from './tensorStreamer.ts';

/** What of an Update belongs to one chunk. */
export interface ChunkUpdate {
  /** Over the chunk's rectangle, row-major. */
  delta: Float32Array;
  /** Of the chunk's rows. */
  rowNorms: Float32Array | null;
  /** Rows of the chunk that are given, over its columns. */
  rows: { row: number; values: Float32Array }[];
}

export async function chunkUpdate(update: Update, area: Rectangle): Promise<ChunkUpdate> {
  const { firstRow, rows, firstColumn, columns } = area;
  const given = [...(update.rows ?? [])].filter(([row]) => row >= firstRow && row < firstRow + rows);
  return {
    delta: await update.delta(area),
    rowNorms: update.rowNorms?.slice(firstRow, firstRow + rows) ?? null,
    rows: given.map(([row, values]) => ({
      row: row - firstRow,
      values: values.slice(firstColumn, firstColumn + columns),
    })),
  };
}

/** Fills `target` with Ŵ over `slab`, a rectangle of whole rows or a piece of one row within `area`. */
export function fillUpdated(
  target: Float32Array,
  base: Float32Array,
  { delta, rowNorms, rows }: ChunkUpdate,
  area: Rectangle,
  slab: Rectangle,
): void {
  const row = slab.firstRow - area.firstRow;
  const column = slab.firstColumn - area.firstColumn;
  const first = row * area.columns + column;
  for (let i = 0; i < target.length; i++) target[i] = base[i]! + delta[first + i]!;
  for (const given of rows) {
    if (given.row < row || given.row >= row + slab.rows) continue;
    target.set(given.values.subarray(column, column + slab.columns), (given.row - row) * slab.columns);
  }
  if (rowNorms === null) return;
  if (slab.columns !== area.columns) {
    throw new ThreeGateError(
      'adapter-unsupported',
      `Rows of ${area.columns} elements are too long to be scaled to a DoRA magnitude.`,
    );
  }
  for (let i = 0; i < slab.rows; i++) {
    const values = target.subarray(i * slab.columns, (i + 1) * slab.columns);
    const squares = values.reduce((sum, value) => sum + value * value, 0);
    const factor = squares > 0 ? rowNorms[row + i]! / Math.sqrt(squares) : 0;
    for (let j = 0; j < values.length; j++) values[j]! *= factor;
  }
}
