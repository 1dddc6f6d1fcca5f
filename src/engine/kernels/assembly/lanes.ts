// Small questions to whole vectors.

/** Bits other than zero where `size`, a magnitude less the first of the window, lies outside of its 16 exponents. */
export function outsideWindow(size: v128): v128 {
  return v128.and(size, i16x8.splat(<i16>0xf800));
}

/** Sum of 16 lanes of u8. */
export function sumOf(lanes: v128): u32 {
  const pairs = i32x4.extadd_pairwise_i16x8_u(i16x8.extadd_pairwise_i8x16_u(lanes));
  return (
    i32x4.extract_lane(pairs, 0) +
    i32x4.extract_lane(pairs, 1) +
    i32x4.extract_lane(pairs, 2) +
    i32x4.extract_lane(pairs, 3)
  );
}
