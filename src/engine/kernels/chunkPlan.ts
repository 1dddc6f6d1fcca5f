// How a tensor is cut for the streaming pass. Chunks are what a worker takes at once and what results are merged by;
// slabs are what it reads at once. Both depend on the shape alone, so no result depends on threads or on sharding.
// No chunk crosses from one matrix of a stack into the next: each has a size-matched null of its own.

/** Elements of a chunk: a few milliseconds of work. */
export const chunkElements = 1 << 22;
/** Elements of a slab: both sides of it, as stored, stay in a core's second-level cache. */
export const slabElements = 1 << 17;

/** A rectangle of a matrix: whole rows, or a piece of a single row. */
export interface Rectangle {
  firstRow: number;
  rows: number;
  firstColumn: number;
  columns: number;
}

/** A tensor as a matrix: the last dimension makes the columns, the product of the others the rows; one row for a vector. */
export interface Grid {
  rows: number;
  columns: number;
  /** Two or more dimensions: rows and columns mean something. */
  isMatrix: boolean;
  /** Matrices that lie one behind the other; 1 where it is not a stack of them. */
  matrices: number;
}

export function gridOf(shape: readonly number[], matrices = 1): Grid {
  const columns = shape.at(-1) ?? 1;
  const rows = shape.slice(0, -1).reduce((product, size) => product * size, 1);
  return { rows, columns, isMatrix: shape.length >= 2, matrices };
}

/** Rectangles of at most `limit` elements that cover `area`, in the order in which a row-major file holds them. */
export function* cut(area: Rectangle, limit: number): Generator<Rectangle> {
  if (area.rows === 0 || area.columns === 0) return;
  const rowStep = Math.max(1, Math.floor(limit / area.columns));
  const columnStep = Math.min(area.columns, limit);
  for (let row = 0; row < area.rows; row += rowStep) {
    for (let column = 0; column < area.columns; column += columnStep) {
      yield {
        firstRow: area.firstRow + row,
        rows: Math.min(rowStep, area.rows - row),
        firstColumn: area.firstColumn + column,
        columns: Math.min(columnStep, area.columns - column),
      };
    }
  }
}

export function chunksOf(grid: Grid): Rectangle[] {
  const { columns, matrices } = grid;
  const rows = grid.rows / matrices;
  return Array.from({ length: matrices }, (_, index) => [
    ...cut({ firstRow: index * rows, rows, firstColumn: 0, columns }, chunkElements),
  ]).flat();
}

/** Which matrix of a stack a chunk belongs to. */
export function matrixOf({ rows, matrices }: Grid, { firstRow }: Rectangle): number {
  return Math.floor((firstRow * matrices) / rows);
}
