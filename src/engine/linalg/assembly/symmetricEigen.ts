// Dense symmetric eigenproblem in float64: Householder reduction to tridiagonal form (Golub & Van Loan, 4th ed.,
// 8.3.1) and the implicit QL method with Wilkinson's shift (8.3.3). Cost: 4/3·n³ for the reduction, about 3·n³ for the
// vectors of the tridiagonal matrix, 2·n²·k to carry k of them back.
import { axpy, axpy2, axpyDot, dot, element, rotate, updateAxpyDot } from './simd';

/**
 * Reduces the lower triangle of A (n × n, rows `stride` elements apart) to tridiagonal form. On return `diagonal` and `off`
 * (off[i] couples i and i+1; n−1 used) hold T, and row i of A, columns 0…i−1, the Householder vector that acted on
 * coordinates 0…i−1, scaled so that H = I − v·vᵀ; `work` has 2·n elements.
 */
export function tridiagonalize(
  n: i32,
  a: usize,
  stride: i32,
  diagonal: usize,
  off: usize,
  work: usize,
): void {
  // The update of a step, A ← A − v·wᵀ − w·vᵀ, is done by the next one while it reads A anyway: v is row i + 1, w in `work`.
  const size = (<usize>stride) << 3;
  let w = work;
  let p = work + ((<usize>n) << 3);
  let pending: usize = 0;
  for (let i = n - 1; i >= 1; i--) {
    const row = a + <usize>i * size;
    if (pending !== 0) {
      axpy2(-load<f64>(element(pending, i)), w, -load<f64>(element(w, i)), pending, row, i + 1);
    }
    store<f64>(element(diagonal, i), load<f64>(element(row, i)));
    // The vector x = A[i, 0…i−1] is reflected onto its last coordinate.
    const last = i - 1;
    const alpha = load<f64>(element(row, last));
    const norm = Math.sqrt(dot(row, row, i));
    if (norm === 0 || last === 0) {
      // Nothing to reflect: of one coordinate, the entry itself couples.
      store<f64>(element(off, last), alpha);
      if (last === 0) store<f64>(element(row, 0), 0);
      for (let j = 0; j < i && pending !== 0; j++) {
        const other = a + <usize>j * size;
        axpy2(-load<f64>(element(pending, j)), w, -load<f64>(element(w, j)), pending, other, j + 1);
      }
      pending = 0;
      continue;
    }
    const beta = alpha > 0 ? -norm : norm;
    store<f64>(element(off, last), beta);
    // v = (x − β·e_last)/√(β(β−α)), so that vᵀv = 2.
    store<f64>(element(row, last), alpha - beta);
    const scale = 1 / Math.sqrt(beta * (beta - alpha));
    for (let j = 0; j < i; j++) store<f64>(element(row, j), load<f64>(element(row, j)) * scale);
    // p = A·v over the leading i × i block, from its lower triangle; each row is updated and read once.
    memory.fill(p, 0, (<usize>i) << 3);
    for (let j = 0; j < i; j++) {
      const other = a + <usize>j * size;
      const vj = load<f64>(element(row, j));
      const sum =
        pending === 0
          ? axpyDot(vj, other, p, row, j)
          : updateAxpyDot(
              -load<f64>(element(pending, j)),
              w,
              -load<f64>(element(w, j)),
              pending,
              other,
              vj,
              p,
              row,
              j,
            );
      store<f64>(element(p, j), load<f64>(element(p, j)) + sum + vj * load<f64>(element(other, j)));
    }
    // w = p − ½(pᵀv)·v.
    axpy(-0.5 * dot(p, row, i), row, p, i);
    const free = w;
    w = p;
    p = free;
    pending = row;
  }
  if (pending !== 0) store<f64>(a, load<f64>(a) - 2 * load<f64>(pending) * load<f64>(w));
  store<f64>(diagonal, load<f64>(a));
}

/**
 * Eigenvalues of the tridiagonal (diagonal, off) in place of `diagonal`, unordered. `vectors` (n × width, row-major) is
 * multiplied from the left by the eigenvectors: from the identity, row i becomes the eigenvector of diagonal[i]; from
 * some of its columns, those coordinates of it. width = 0 asks for the values alone.
 * Returns 0, or 1 + the index whose eigenvalue did not settle in 60 sweeps.
 */
export function tridiagonalEigen(n: i32, diagonal: usize, off: usize, vectors: usize, width: i32): i32 {
  const epsilon = 2.220446049250313e-16;
  for (let l = 0; l < n; l++) {
    for (let sweep = 0; ; sweep++) {
      let m = l;
      for (; m < n - 1; m++) {
        const size =
          Math.abs(load<f64>(element(diagonal, m))) + Math.abs(load<f64>(element(diagonal, m + 1)));
        if (Math.abs(load<f64>(element(off, m))) <= epsilon * size) break;
      }
      if (m === l) break;
      if (sweep === 60) return l + 1;
      const dl = load<f64>(element(diagonal, l));
      const el = load<f64>(element(off, l));
      let g = (load<f64>(element(diagonal, l + 1)) - dl) / (2 * el);
      const root = Math.sqrt(g * g + 1);
      g = load<f64>(element(diagonal, m)) - dl + el / (g + (g >= 0 ? root : -root));
      let s = 1.0;
      let c = 1.0;
      let p = 0.0;
      let i = m - 1;
      for (; i >= l; i--) {
        const f = s * load<f64>(element(off, i));
        const b = c * load<f64>(element(off, i));
        const r = Math.sqrt(f * f + g * g);
        store<f64>(element(off, i + 1), r);
        if (r === 0) {
          store<f64>(element(diagonal, i + 1), load<f64>(element(diagonal, i + 1)) - p);
          store<f64>(element(off, m), 0);
          break;
        }
        s = f / r;
        c = g / r;
        g = load<f64>(element(diagonal, i + 1)) - p;
        const t = (load<f64>(element(diagonal, i)) - g) * s + 2 * c * b;
        p = s * t;
        store<f64>(element(diagonal, i + 1), g + p);
        g = c * t - b;
        if (width !== 0) {
          const at = vectors + ((<usize>i * <usize>width) << 3);
          rotate(at, at + ((<usize>width) << 3), c, s, width);
        }
      }
      if (i >= l) continue;
      store<f64>(element(diagonal, l), load<f64>(element(diagonal, l)) - p);
      store<f64>(element(off, l), g);
      store<f64>(element(off, m), 0);
    }
  }
  return 0;
}

/** Carries `count` eigenvectors of T (rows of `vectors`, length n) back to A's coordinates with the reflectors that `tridiagonalize` left in A. */
export function backTransform(n: i32, a: usize, stride: i32, vectors: usize, count: i32): void {
  for (let i = 2; i < n; i++) reflect(n, a + ((<usize>i * <usize>stride) << 3), i, vectors, count);
}

/** The inverse of `backTransform`: from A's coordinates to those of T. */
export function forwardTransform(n: i32, a: usize, stride: i32, vectors: usize, count: i32): void {
  for (let i = n - 1; i >= 2; i--) reflect(n, a + ((<usize>i * <usize>stride) << 3), i, vectors, count);
}

function reflect(n: i32, reflector: usize, i: i32, vectors: usize, count: i32): void {
  // A zero vector reflects nothing; its last coordinate is never zero otherwise.
  if (load<f64>(element(reflector, i - 1)) === 0) return;
  for (let v = 0; v < count; v++) {
    const vector = vectors + ((<usize>v * <usize>n) << 3);
    axpy(-dot(reflector, vector, i), reflector, vector, i);
  }
}
