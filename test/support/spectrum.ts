// Matrices with a prescribed spectrum: products of plane reflections and a diagonal, so that the answer is known.

interface Turn {
  angleDeg: number;
  /** The right singular vector `column` is turned towards `against`. */
  column: number;
  against: number;
}

/** W = H₁·diag(σ)·H₂ with Householder reflections H; `turned` has two of its right singular vectors rotated. */
export function withSpectrum(
  rows: number,
  columns: number,
  sigma: readonly number[],
  turn: Turn | null,
): { base: Float32Array; turned: Float32Array } {
  const left = reflection(rows, 3);
  const right = reflection(columns, 5);
  const build = (angleDeg: number): Float32Array => {
    const cosine = Math.cos((angleDeg * Math.PI) / 180);
    const sine = Math.sin((angleDeg * Math.PI) / 180);
    const result = new Float64Array(rows * columns);
    sigma.forEach((value, c) => {
      for (let j = 0; j < columns; j++) {
        let v = right(c, j);
        if (turn !== null && c === turn.column) v = cosine * v + sine * right(turn.against, j);
        else if (turn !== null && c === turn.against) v = cosine * v - sine * right(turn.column, j);
        for (let i = 0; i < rows; i++) result[i * columns + j]! += value * left(c, i) * v;
      }
    });
    return new Float32Array(result);
  };
  return { base: build(0), turned: build(turn?.angleDeg ?? 0) };
}

/** Entry (c, i) of I − 2vvᵀ/vᵀv with a fixed dense v. */
function reflection(n: number, seed: number): (c: number, i: number) => number {
  const v = Array.from({ length: n }, (_, i) => Math.sin((i + 1) * seed) + 0.1);
  const square = v.reduce((sum, value) => sum + value * value, 0);
  return (c, i) => (c === i ? 1 : 0) - (2 * v[c]! * v[i]!) / square;
}
