// Fuses tensors as other writers do, element by element and by definition: what slices must undo.

/** A matrix as stored: row-major elements of `width` bytes. */
export interface Matrix {
  rows: number;
  columns: number;
  width: number;
  bytes: Uint8Array;
}

function element({ columns, width, bytes }: Matrix, row: number, column: number): Uint8Array {
  const at = (row * columns + column) * width;
  return bytes.subarray(at, at + width);
}

/** A matrix whose element (row, column) is what `of` gives. */
function matrixOf(
  rows: number,
  columns: number,
  width: number,
  of: (row: number, column: number) => Uint8Array,
): Matrix {
  const made = { rows, columns, width, bytes: new Uint8Array(rows * columns * width) };
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1) element(made, row, column).set(of(row, column));
  }
  return made;
}

export function transposed(matrix: Matrix): Matrix {
  return matrixOf(matrix.columns, matrix.rows, matrix.width, (row, column) => element(matrix, column, row));
}

/** One behind the other. */
export function joined(parts: readonly Matrix[]): Matrix {
  const rows = parts.flatMap((part) => Array.from({ length: part.rows }, (_, row) => [part, row] as const));
  return fromRows(rows);
}

/** Row by row in turns. */
export function inTurns(parts: readonly Matrix[]): Matrix {
  const length = parts[0]?.rows ?? 0;
  return fromRows(Array.from({ length }, (_, row) => parts.map((part) => [part, row] as const)).flat());
}

/** As many groups of heads, each the queries of a key, the key and the value. */
export function byHeads(parts: readonly Matrix[], groups: number): Matrix {
  const rows = Array.from({ length: groups }, (_, group) =>
    parts.flatMap((part) => {
      const own = part.rows / groups;
      return Array.from({ length: own }, (__, row) => [part, group * own + row] as const);
    }),
  );
  return fromRows(rows.flat());
}

function fromRows(rows: readonly (readonly [Matrix, number])[]): Matrix {
  const { columns = 0, width = 1 } = rows[0]?.[0] ?? {};
  return matrixOf(rows.length, columns, width, (row, column) => {
    const [part, at] = rows[row] ?? [];
    return part === undefined || at === undefined ? new Uint8Array(width) : element(part, at, column);
  });
}
