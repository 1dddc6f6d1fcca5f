// Eigenvectors of a symmetric tridiagonal matrix whose eigenvalues are known, by inverse iteration (Golub & Van Loan,
// 4th ed., 8.4.2; LAPACK's dstein): n operations a vector, plus the orthogonalisation within clusters.
import { axpy, dot, element } from './simd';

const sweeps = 5;

/**
 * Unit eigenvectors of T (diagonal, off; n × n) for `count` descending `values`, to the rows of `vectors` (count × n).
 * Vectors whose values lie within a thousandth of ‖T‖ are orthogonalised against each other. `work` holds 5·n elements.
 * Returns 0, or 1 + the index of a vector that did not settle.
 */
export function inverseIteration(
  n: i32,
  diagonal: usize,
  off: usize,
  values: usize,
  count: i32,
  vectors: usize,
  work: usize,
): i32 {
  let norm = 0.0;
  for (let i = 0; i < n; i++) {
    let sum = Math.abs(load<f64>(element(diagonal, i)));
    if (i > 0) sum += Math.abs(load<f64>(element(off, i - 1)));
    if (i < n - 1) sum += Math.abs(load<f64>(element(off, i)));
    norm = Math.max(norm, sum);
  }
  if (!(norm > 0)) return 1;
  const tiny = 2.220446049250313e-16 * norm;
  let state: u32 = 0x9e3779b9;
  let clusterStart = 0;
  for (let v = 0; v < count; v++) {
    const value = load<f64>(element(values, v));
    if (v > 0 && load<f64>(element(values, v - 1)) - value > 1e-3 * norm) clusterStart = v;
    factor(n, diagonal, off, value, tiny, work);
    const x = vectors + ((<usize>v * <usize>n) << 3);
    for (let i = 0; i < n; i++) {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      store<f64>(element(x, i), <f64>state / 4294967296.0 - 0.5);
    }
    normalize(x, n);
    let settled = false;
    for (let sweep = 0; sweep < sweeps && !settled; sweep++) {
      const growth = solve(n, work, x);
      for (let other = clusterStart; other < v; other++) {
        const y = vectors + ((<usize>other * <usize>n) << 3);
        axpy(-dot(x, y, n), y, x, n);
      }
      const left = normalize(x, n);
      // A solution this large is an eigenvector to rounding; one more step makes it independent of the start.
      settled = sweep > 0 && left * growth * tiny * Math.sqrt(<f64>n) > 0.01;
    }
    if (!settled) return v + 1;
  }
  return 0;
}

/** T − λ = P·L·U with row exchanges: `work` holds the three diagonals of U, the multipliers, and the exchanges. */
function factor(n: i32, diagonal: usize, off: usize, value: f64, tiny: f64, work: usize): void {
  const first = work;
  const second = element(work, n);
  const third = element(work, 2 * n);
  const multiplier = element(work, 3 * n);
  const exchanged = element(work, 4 * n);
  let pivot = load<f64>(diagonal) - value;
  let right = n > 1 ? load<f64>(off) : 0;
  for (let i = 0; i < n - 1; i++) {
    const below = load<f64>(element(off, i));
    const next = load<f64>(element(diagonal, i + 1)) - value;
    const far = i < n - 2 ? load<f64>(element(off, i + 1)) : 0;
    if (Math.abs(below) > Math.abs(pivot)) {
      const ratio = pivot / below;
      store<f64>(element(first, i), below);
      store<f64>(element(second, i), next);
      store<f64>(element(third, i), far);
      store<f64>(element(multiplier, i), ratio);
      store<f64>(element(exchanged, i), 1);
      pivot = right - ratio * next;
      right = -ratio * far;
    } else {
      if (Math.abs(pivot) < tiny) pivot = pivot < 0 ? -tiny : tiny;
      const ratio = below / pivot;
      store<f64>(element(first, i), pivot);
      store<f64>(element(second, i), right);
      store<f64>(element(third, i), 0);
      store<f64>(element(multiplier, i), ratio);
      store<f64>(element(exchanged, i), 0);
      pivot = next - ratio * right;
      right = far;
    }
  }
  if (Math.abs(pivot) < tiny) pivot = pivot < 0 ? -tiny : tiny;
  store<f64>(element(first, n - 1), pivot);
}

/** x ← (T − λ)⁻¹x divided by its largest element; returns that element's size. */
function solve(n: i32, work: usize, x: usize): f64 {
  const first = work;
  const second = element(work, n);
  const third = element(work, 2 * n);
  const multiplier = element(work, 3 * n);
  const exchanged = element(work, 4 * n);
  for (let i = 0; i < n - 1; i++) {
    const here = load<f64>(element(x, i));
    const next = load<f64>(element(x, i + 1));
    const ratio = load<f64>(element(multiplier, i));
    if (load<f64>(element(exchanged, i)) !== 0) {
      store<f64>(element(x, i), next);
      store<f64>(element(x, i + 1), here - ratio * next);
    } else store<f64>(element(x, i + 1), next - ratio * here);
  }
  let largest = 0.0;
  for (let i = n - 1; i >= 0; i--) {
    let sum = load<f64>(element(x, i));
    if (i < n - 1) sum -= load<f64>(element(second, i)) * load<f64>(element(x, i + 1));
    if (i < n - 2) sum -= load<f64>(element(third, i)) * load<f64>(element(x, i + 2));
    const value = sum / load<f64>(element(first, i));
    store<f64>(element(x, i), value);
    largest = Math.max(largest, Math.abs(value));
  }
  for (let i = 0; i < n; i++) store<f64>(element(x, i), load<f64>(element(x, i)) / largest);
  return largest;
}

/** x ← x/‖x‖; returns ‖x‖. */
function normalize(x: usize, n: i32): f64 {
  const norm = Math.sqrt(dot(x, x, n));
  const scale = norm > 0 ? 1 / norm : 0;
  for (let i = 0; i < n; i++) store<f64>(element(x, i), load<f64>(element(x, i)) * scale);
  return norm;
}
