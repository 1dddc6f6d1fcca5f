// ΔW of a stack, and the rows that replace a base's: the updates that are not one product over the whole tensor.
// Per block in float64, rounded once: L·R with the scaling in L, in the orientation in which the stack is stored.
import type { Rectangle } from '../kernels/chunkPlan.ts';
import type { Update } from '../kernels/tensorStreamer.ts';
import type { AdapterUpdate, StackBlock } from '../checkpoint/adapterUpdate.ts';
import type { AdapterEngine } from './lowRank.ts';
import { readFactor } from './readFactor.ts';

interface MadeBlock extends Rectangle {
  rank: number;
  /** rows × rank, rank × columns. */
  left: Float64Array;
  right: Float64Array;
}

type StackUpdate = Extract<AdapterUpdate, { kind: 'stack' }>;
type RowsUpdate = Extract<AdapterUpdate, { kind: 'rows' }>;

export async function stackDelta(engine: AdapterEngine, { blocks }: StackUpdate): Promise<Update> {
  const made: MadeBlock[] = [];
  for (const block of blocks) {
    const [a, b] = [await engine.factors.read(block.a.tensor), await engine.factors.read(block.b.tensor)];
    made.push(makeBlock(block, a, b));
  }
  return {
    rowNorms: null,
    delta: async (area) => {
      const delta = new Float32Array(area.rows * area.columns);
      for (const block of made) await fill(engine, block, area, delta);
      return delta;
    },
  };
}

/** The rows are float32 whatever they are stored in; all others stay as they are. */
export async function givenRows(
  { fileSystem }: AdapterEngine,
  { indices, values }: RowsUpdate,
): Promise<Update> {
  const read = Float32Array.from(await readFactor(fileSystem, values));
  const columns = read.length / indices.length;
  return {
    rowNorms: null,
    delta: ({ rows, columns: width }) => Promise.resolve(new Float32Array(rows * width)),
    rows: new Map(indices.map((row, i) => [row, read.subarray(i * columns, (i + 1) * columns)])),
  };
}

function makeBlock(block: StackBlock, a: Float64Array, b: Float64Array): MadeBlock {
  const { firstRow, rows, fromRow, firstColumn, columns, rank, scaling, transposed } = block;
  const [, inputs = 0] = block.a.tensor.shape;
  const [, width = 0] = block.b.tensor.shape;
  const fromA = (input: number, k: number): number => a[(block.a.first + k * block.a.step) * inputs + input]!;
  const fromB = (output: number, k: number): number => b[output * width + block.b.first + k * block.b.step]!;
  const left = new Float64Array(rows * rank);
  const right = new Float64Array(rank * columns);
  for (let k = 0; k < rank; k++) {
    for (let i = 0; i < rows; i++) {
      left[i * rank + k] = scaling * (transposed ? fromA(fromRow + i, k) : fromB(fromRow + i, k));
    }
    for (let j = 0; j < columns; j++) right[k * columns + j] = transposed ? fromB(j, k) : fromA(j, k);
  }
  return { firstRow, rows, firstColumn, columns, rank, left, right };
}

/** Writes what of a block lies in `area`. */
async function fill(
  { gemm }: AdapterEngine,
  block: MadeBlock,
  area: Rectangle,
  delta: Float32Array,
): Promise<void> {
  const top = Math.max(block.firstRow, area.firstRow);
  const bottom = Math.min(block.firstRow + block.rows, area.firstRow + area.rows);
  const start = Math.max(block.firstColumn, area.firstColumn);
  const end = Math.min(block.firstColumn + block.columns, area.firstColumn + area.columns);
  if (top >= bottom || start >= end) return;
  const { rank } = block;
  const [m, n] = [bottom - top, end - start];
  const from = (top - block.firstRow) * rank;
  const right = new Float64Array(rank * n);
  for (let k = 0; k < rank; k++) {
    const first = k * block.columns + start - block.firstColumn;
    right.set(block.right.subarray(first, first + n), k * n);
  }
  const part = await gemm.multiply64({ m, n, k: rank }, block.left.subarray(from, from + m * rank), right);
  for (let i = 0; i < m; i++) {
    const at = (top - area.firstRow + i) * area.columns + start - area.firstColumn;
    for (let j = 0; j < n; j++) delta[at + j] = part[i * n + j]!;
  }
}
