// Σw² of bf16 values in float64. A square has at most 16 significant bits, so float32 holds it exactly where its exponent
// allows; only the sums need float64, and they err by its rounding alone.
import { bf16Value } from './rounding';

/** For a multiple of 16 values that are zero or from 2^-63 to 2^64. */
export function sumSquaresBf16(base: usize, elements: usize): f64 {
  let sum0 = f64x2.splat(0);
  let sum1 = f64x2.splat(0);
  let sum2 = f64x2.splat(0);
  let sum3 = f64x2.splat(0);
  const upper = i32x4.splat(<i32>0xffff0000);
  const end = base + (elements << 1);
  for (let at = base; at < end; at += 32) {
    const bits0 = v128.load(at);
    const bits1 = v128.load(at, 16);
    const high0 = v128.and(bits0, upper);
    const low0 = i32x4.shl(bits0, 16);
    const high1 = v128.and(bits1, upper);
    const low1 = i32x4.shl(bits1, 16);
    const a = f32x4.mul(high0, high0);
    const b = f32x4.mul(low0, low0);
    const c = f32x4.mul(high1, high1);
    const d = f32x4.mul(low1, low1);
    sum0 = f64x2.add(sum0, f64x2.promote_low_f32x4(a));
    sum1 = f64x2.add(sum1, f64x2.promote_low_f32x4(b));
    sum2 = f64x2.add(sum2, f64x2.promote_low_f32x4(c));
    sum3 = f64x2.add(sum3, f64x2.promote_low_f32x4(d));
    sum0 = f64x2.add(sum0, f64x2.promote_low_f32x4(upperHalf(a)));
    sum1 = f64x2.add(sum1, f64x2.promote_low_f32x4(upperHalf(b)));
    sum2 = f64x2.add(sum2, f64x2.promote_low_f32x4(upperHalf(c)));
    sum3 = f64x2.add(sum3, f64x2.promote_low_f32x4(upperHalf(d)));
  }
  const total = f64x2.add(f64x2.add(sum0, sum1), f64x2.add(sum2, sum3));
  return f64x2.extract_lane(total, 0) + f64x2.extract_lane(total, 1);
}

/** The same for any finite values. */
export function sumAnySquaresBf16(base: usize, elements: usize): f64 {
  let sum: f64 = 0;
  for (let i: usize = 0; i < elements; i++) {
    const value = <f64>bf16Value(<u32>load<u16>(base + (i << 1)));
    sum += value * value;
  }
  return sum;
}

function upperHalf(lanes: v128): v128 {
  return v128.shuffle<u64>(lanes, lanes, 1, 1);
}
