// Decoding a slab of stored elements to float32 (float64 to float32 rounds to nearest), and panels of float32 to float64.
// Sources and targets may be unaligned; they must not overlap.

/** bf16 → f32, exact. */
export function decodeBf16(source: usize, target: usize, elements: usize): void {
  const zero = i16x8.splat(0);
  let i: usize = 0;
  for (; i + 8 <= elements; i += 8) {
    const bits = v128.load(source + (i << 1));
    const out = target + (i << 2);
    v128.store(out, v128.shuffle<u16>(zero, bits, 0, 8, 1, 9, 2, 10, 3, 11));
    v128.store(out, v128.shuffle<u16>(zero, bits, 4, 12, 5, 13, 6, 14, 7, 15), 16);
  }
  for (; i < elements; i++) {
    store<u32>(target + (i << 2), (<u32>load<u16>(source + (i << 1))) << 16);
  }
}

/** Two bf16 slabs → one word an element: base in its lower half, tuned in its upper. */
export function packBf16(base: usize, tuned: usize, target: usize, elements: usize): void {
  let i: usize = 0;
  for (; i + 8 <= elements; i += 8) {
    const low = v128.load(base + (i << 1));
    const high = v128.load(tuned + (i << 1));
    const out = target + (i << 2);
    v128.store(out, v128.shuffle<u16>(low, high, 0, 8, 1, 9, 2, 10, 3, 11));
    v128.store(out, v128.shuffle<u16>(low, high, 4, 12, 5, 13, 6, 14, 7, 15), 16);
  }
  for (; i < elements; i++) {
    const upper = (<u32>load<u16>(tuned + (i << 1))) << 16;
    store<u32>(target + (i << 2), upper | load<u16>(base + (i << 1)));
  }
}

/** f16 → f32, exact; subnormals, infinities and NaN included. */
export function decodeF16(source: usize, target: usize, elements: usize): void {
  // Shifting the magnitude into place leaves an exponent that is too small by 112: multiplying by 2^112 rebiases it and
  // normalises subnormals. What then reaches 2^16 was infinity or NaN: its exponent is filled up.
  const rebias = f32x4.splat(reinterpret<f32>(0x77800000));
  const beyond = i32x4.splat(0x477fffff);
  const filled = i32x4.splat(0x7f800000);
  const zero = i16x8.splat(0);
  let i: usize = 0;
  for (; i + 4 <= elements; i += 4) {
    const bits = v128.shuffle<u16>(zero, v128.load64_zero(source + (i << 1)), 0, 8, 1, 9, 2, 10, 3, 11);
    v128.store(target + (i << 2), widenF16(bits, rebias, beyond, filled));
  }
  for (; i < elements; i++) {
    const bits = i32x4.splat((<i32>load<u16>(source + (i << 1))) << 16);
    store<u32>(target + (i << 2), i32x4.extract_lane(widenF16(bits, rebias, beyond, filled), 0));
  }
}

/** Lanes with the f16 bits in their upper half → f32 bits. */
function widenF16(bits: v128, rebias: v128, beyond: v128, filled: v128): v128 {
  const magnitude = i32x4.shr_u(v128.and(bits, i32x4.splat(0x7fff0000)), 3);
  const value = f32x4.mul(magnitude, rebias);
  const special = v128.and(i32x4.gt_s(value, beyond), filled);
  return v128.or(v128.or(value, special), v128.and(bits, i32x4.splat(0x80000000)));
}

/** F8_E5M2 → f32: the upper byte of an f16. */
export function decodeE5m2(source: usize, target: usize, elements: usize): void {
  const rebias = f32x4.splat(reinterpret<f32>(0x77800000));
  const beyond = i32x4.splat(0x477fffff);
  const filled = i32x4.splat(0x7f800000);
  let i: usize = 0;
  for (; i + 4 <= elements; i += 4) {
    const bits = upperBytes(v128.load32_zero(source + i));
    v128.store(target + (i << 2), widenF16(bits, rebias, beyond, filled));
  }
  for (; i < elements; i++) {
    const bits = i32x4.splat((<i32>load<u8>(source + i)) << 24);
    store<u32>(target + (i << 2), i32x4.extract_lane(widenF16(bits, rebias, beyond, filled), 0));
  }
}

/** F8_E4M3 (the finite kind: no infinity, NaN is 0x7f and 0xff) → f32, exact. */
export function decodeE4m3(source: usize, target: usize, elements: usize): void {
  let i: usize = 0;
  for (; i + 4 <= elements; i += 4) {
    v128.store(target + (i << 2), widenE4m3(upperBytes(v128.load32_zero(source + i))));
  }
  for (; i < elements; i++) {
    const bits = i32x4.splat((<i32>load<u8>(source + i)) << 24);
    store<u32>(target + (i << 2), i32x4.extract_lane(widenE4m3(bits), 0));
  }
}

/** The first four bytes, each as the upper byte of a lane. */
function upperBytes(bytes: v128): v128 {
  const zero = i8x16.splat(0);
  const halves = v128.shuffle<u8>(zero, bytes, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
  return v128.shuffle<u16>(zero, halves, 0, 8, 1, 9, 2, 10, 3, 11);
}

/** Lanes with the F8_E4M3 bits in their upper byte → f32 bits. */
function widenE4m3(bits: v128): v128 {
  // As for f16: the exponent is too small by 120 until it is multiplied by 2^120.
  const magnitude = i32x4.shr_u(v128.and(bits, i32x4.splat(0x7f000000)), 4);
  const value = f32x4.mul(magnitude, f32x4.splat(reinterpret<f32>(0x7b800000)));
  const nan = v128.and(i32x4.eq(magnitude, i32x4.splat(0x07f00000)), i32x4.splat(0x7fc00000));
  return v128.or(v128.or(value, nan), v128.and(bits, i32x4.splat(0x80000000)));
}

/** f64 → f32, rounded to nearest. */
export function narrowF64(source: usize, target: usize, elements: usize): void {
  for (let i: usize = 0; i < elements; i++) {
    store<f32>(target + (i << 2), <f32>load<f64>(source + (i << 3)));
  }
}

/** f32 → f64, exact. */
export function widenF32(source: usize, target: usize, elements: usize): void {
  let i: usize = 0;
  for (; i + 2 <= elements; i += 2) {
    v128.store(target + (i << 3), f64x2.promote_low_f32x4(v128.load64_zero(source + (i << 2))));
  }
  for (; i < elements; i++) store<f64>(target + (i << 3), <f64>load<f32>(source + (i << 2)));
}

/**
 * Multiplies the rows × columns block of a matrix at `values` (f32, in place) by its block scales: element (r, c) of the
 * matrix by scales[⌊r/blockRows⌋·scaleColumns + ⌊c/blockColumns⌋]. The block starts at (firstRow, firstColumn). Rows of a
 * stack are counted through: every matrixRows of them begin anew with the next scaleRows rows of scales.
 */
export function applyScales(
  values: usize,
  rows: usize,
  columns: usize,
  firstRow: usize,
  firstColumn: usize,
  scales: usize,
  scaleColumns: usize,
  blockRows: usize,
  blockColumns: usize,
  scaleRows: usize,
  matrixRows: usize,
): void {
  let at = values;
  for (let r: usize = 0; r < rows; r++) {
    const row = firstRow + r;
    const inStack = (row / matrixRows) * scaleRows + (row % matrixRows) / blockRows;
    const scaleRow = scales + ((inStack * scaleColumns) << 2);
    let c: usize = 0;
    while (c < columns) {
      const column = firstColumn + c;
      const scale = load<f32>(scaleRow + ((column / blockColumns) << 2));
      const end = min<usize>(columns, c + blockColumns - (column % blockColumns));
      for (; c + 4 <= end; c += 4) {
        v128.store(at, f32x4.mul(v128.load(at), f32x4.splat(scale)));
        at += 16;
      }
      for (; c < end; c++) {
        store<f32>(at, load<f32>(at) * scale);
        at += 4;
      }
    }
  }
}
