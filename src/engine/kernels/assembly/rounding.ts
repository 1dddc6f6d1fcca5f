// Rounding to bf16 (nearest, ties to even) as bit patterns, without double rounding from float64.

/** bf16 bits of a float32. NaN and infinity keep their exponent of 255; an overflow becomes infinity. */
export function bf16FromF32(value: f32): u32 {
  const bits = reinterpret<u32>(value);
  if ((bits & 0x7f800000) === 0x7f800000) return bits >> 16;
  return (bits + 0x7fff + ((bits >> 16) & 1)) >> 16;
}

/** bf16 bits of a float64: through a float32 rounded to odd, which keeps what decides the second rounding. */
export function bf16FromF64(value: f64): u32 {
  const near = <f32>value;
  const back = <f64>near;
  if (back === value || value !== value) return bf16FromF32(near);
  let bits = reinterpret<u32>(near);
  if (abs(back) > abs(value)) bits -= 1;
  return bf16FromF32(reinterpret<f32>(bits | 1));
}

/** The value of bf16 bits. */
export function bf16Value(bits: u32): f32 {
  return reinterpret<f32>(bits << 16);
}
