// Cholesky factor and the inverse of its transpose, float64: what CholeskyQR needs (Golub & Van Loan, 4th ed., 4.2).
import { axpy, dot, element } from './simd';

/**
 * G = R·Rᵀ… with L lower triangular, G = L·Lᵀ (n × n, row-major, lower triangle read); writes L⁻¹ row-major to
 * `inverse` (upper part zero). X·L⁻ᵀ then has orthonormal columns when G = XᵀX.
 * Returns 0, or 1 + the index of the pivot that is not above `floor` times its diagonal entry.
 */
export function choleskyInverse(n: i32, g: usize, inverse: usize, floor: f64): i32 {
  const stride = (<usize>n) << 3;
  for (let i = 0; i < n; i++) {
    const row = g + <usize>i * stride;
    const own = load<f64>(element(row, i));
    for (let j = 0; j < i; j++) {
      const other = g + <usize>j * stride;
      const value = (load<f64>(element(row, j)) - dot(row, other, j)) / load<f64>(element(other, j));
      store<f64>(element(row, j), value);
    }
    const pivot = own - dot(row, row, i);
    if (!(pivot > floor * own) || !(own > 0)) return i + 1;
    store<f64>(element(row, i), Math.sqrt(pivot));
  }
  // Row i of L⁻¹: (eᵢ − Σ_{j<i} L[i,j]·L⁻¹[j,·]) / L[i,i].
  memory.fill(inverse, 0, <usize>n * stride);
  for (let i = 0; i < n; i++) {
    const row = g + <usize>i * stride;
    const out = inverse + <usize>i * stride;
    for (let j = 0; j < i; j++) axpy(-load<f64>(element(row, j)), inverse + <usize>j * stride, out, j + 1);
    const scale = 1 / load<f64>(element(row, i));
    for (let j = 0; j < i; j++) store<f64>(element(out, j), load<f64>(element(out, j)) * scale);
    store<f64>(element(out, i), scale);
  }
  return 0;
}
