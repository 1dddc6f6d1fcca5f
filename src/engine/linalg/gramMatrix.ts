// WᵀW of a very tall float32 matrix, read once in panels of rows. It is symmetric: only the blocks on and above the diagonal
// are multiplied, with a transposed copy of each panel, whose rows are the columns of W. Products in float32, their sum over
// the panels in float64, so that it does not lose with the length. Cost: rows·columns² and a little, of 2·rows·columns².
import type { Gemm } from './gemm.ts';
import { clearPadding, paddedElements, paddedLength } from './padding.ts';
import type { RowSource } from './rowSource.ts';
import { transposeInto } from './transpose.ts';

/** Rows of a very tall W that are taken at once. */
export const panelRows = 2048;
/** Columns of W that make a block: more save more multiplications, and make thinner products. */
const blockColumns = 256;

/** Memory of one Gram matrix of up to `panelRows` × `columns` at once, and what is done in it beside the products. */
export interface GramRoom {
  /** Rows of W. */
  panel: Float32Array;
  /** The panel transposed, its rows `paddedLength` elements apart. */
  transposed: Float32Array;
  /** A block of its product. */
  part: Float32Array;
  /** Wᵀ ← the first `rows` rows of the panel. */
  transpose(rows: number, stride: number): void;
  /** Adds m × n elements of `part` to the sum, from this row and column on. */
  add(row: number, column: number, m: number, n: number): void;
  /** The sum, columns × columns. */
  sum(): Float64Array;
  /** Nothing of the room is valid any longer. */
  giveBack(): void;
}

export interface GramSizes {
  panel: number;
  transposed: number;
  part: number;
  columns: number;
}

/** Elements that a room for a matrix of this shape holds. */
function gramSizes(rows: number, columns: number): GramSizes {
  const height = Math.min(panelRows, rows);
  return {
    panel: height * columns,
    transposed: paddedElements(columns, height),
    part: Math.min(blockColumns, columns) * columns,
    columns,
  };
}

export async function gramMatrix(
  gemm: Gemm,
  source: RowSource,
  rows: number,
  columns: number,
  openRoom: (sizes: GramSizes) => GramRoom = plainGramRoom,
): Promise<Float64Array> {
  const room = openRoom(gramSizes(rows, columns));
  try {
    for (let first = 0; first < rows; first += panelRows) {
      const end = Math.min(rows, first + panelRows);
      const stride = paddedLength(end - first);
      source.copyTo(room.panel, first * columns, end * columns);
      room.transpose(end - first, stride);
      // Of panels of the same height it stays clear.
      if (first === 0 || end === rows) clearPadding({ data: room.transposed, stride }, end - first);
      for (let from = 0; from < columns; from += blockColumns) {
        const m = Math.min(blockColumns, columns - from);
        const n = columns - from;
        const right = room.transposed.subarray(from * stride, columns * stride);
        const shape = { m, n, k: stride, transB: true };
        await gemm.multiply32(shape, right.subarray(0, m * stride), right, room.part.subarray(0, m * n));
        room.add(from, from, m, n);
      }
    }
    return mirrored(room.sum(), columns);
  } finally {
    room.giveBack();
  }
}

/** What lies above the diagonal, below it as well. */
function mirrored(sum: Float64Array, columns: number): Float64Array {
  for (let i = 0; i < columns; i++) {
    for (let j = 0; j < i; j++) sum[i * columns + j] = sum[j * columns + i]!;
  }
  return sum;
}

/** In memory of its own, without kernels. */
function plainGramRoom({ columns, ...sizes }: GramSizes): GramRoom {
  const panel = new Float32Array(sizes.panel);
  const transposed = new Float32Array(sizes.transposed);
  const part = new Float32Array(sizes.part);
  const sum = new Float64Array(columns * columns);
  return {
    panel,
    transposed,
    part,
    transpose(rows, stride) {
      transposeInto({ data: transposed, stride }, { data: panel, stride: columns }, rows, columns);
    },
    add(row, column, m, n) {
      for (let i = 0, at = 0; i < m; i++) {
        const to = (row + i) * columns + column;
        for (let j = 0; j < n; j++, at++) sum[to + j]! += part[at]!;
      }
    },
    sum: () => sum,
    giveBack: () => undefined,
  };
}
