// Sums in float64 of what was made in float32.
import { upperHalf } from './counting';

/** sum[i·stride + j] += part[i·n + j] for i < m, j < n: float64 and float32, both row-major. */
export function addRows(sum: usize, stride: usize, part: usize, m: usize, n: usize): void {
  let at = part;
  for (let i: usize = 0; i < m; i++) {
    let to = sum + ((i * stride) << 3);
    let j: usize = 0;
    for (; j + 4 <= n; j += 4, at += 16, to += 32) {
      const values = v128.load(at);
      v128.store(to, f64x2.add(v128.load(to), f64x2.promote_low_f32x4(values)));
      v128.store(to, f64x2.add(v128.load(to, 16), f64x2.promote_low_f32x4(upperHalf(values))), 16);
    }
    for (; j < n; j++, at += 4, to += 8) store<f64>(to, load<f64>(to) + <f64>load<f32>(at));
  }
}
