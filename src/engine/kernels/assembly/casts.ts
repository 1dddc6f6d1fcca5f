// Whether a stretch of tuned values is what a cast of the base makes of it. Every cast that is thought of has a bit of a mask,
// and loses it at the first element that it does not explain. All values are float32; every rounding is to nearest, ties to
// even, as torch casts, unless said.

/** Dtypes that the tuned side may be stored in, after the cast. */
const FINAL_F16: u32 = 1;
const FINAL_BF16: u32 = 2;
const FINAL_E4M3: u32 = 3;
const FINAL_E5M2: u32 = 4;

/** The casts of `mask` that explain all `elements`. `final`: how the tuned side is stored; 0 for float32. */
export function survivingCasts(base: usize, tuned: usize, elements: usize, final: u32, mask: u32): u32 {
  for (let i: usize = 0; i < elements && mask !== 0; i++) {
    const w = load<f32>(base + (i << 2));
    const v = load<f32>(tuned + (i << 2));
    for (let rest = mask; rest !== 0; rest &= rest - 1) {
      const cast = <u32>ctz(rest);
      const made = stored(final, through(cast, w));
      if (made !== v && (made === made || v === v)) mask &= ~(1 << cast);
    }
  }
  return mask;
}

/** By the bit of the mask; `castNames` in roundingWatch.ts names them in the same order. */
function through(cast: u32, value: f32): f32 {
  switch (cast) {
    case 1:
      return toF16(value);
    case 2:
      return toBf16(value);
    case 3:
      return toE4m3(value, false);
    case 4:
      return toE4m3(value, true);
    case 5:
      return toE5m2(value);
    case 6:
      return toF16(toBf16(value));
    case 7:
      return toBf16(toF16(value));
    case 8:
      return reinterpret<f32>(reinterpret<u32>(value) & 0xffff0000);
    default:
      return value;
  }
}

function stored(final: u32, value: f32): f32 {
  switch (final) {
    case FINAL_F16:
      return toF16(value);
    case FINAL_BF16:
      return toBf16(value);
    case FINAL_E4M3:
      return toE4m3(value, false);
    case FINAL_E5M2:
      return toE5m2(value);
    default:
      return value;
  }
}

function isSpecial(value: f32): bool {
  return (reinterpret<u32>(value) & 0x7f800000) === 0x7f800000;
}

/** Keeps all but the last `dropped` bits of the mantissa. */
function shortened(value: f32, dropped: u32): f32 {
  const bits = reinterpret<u32>(value);
  const half = ((<u32>1) << (dropped - 1)) - 1;
  return reinterpret<f32>((bits + half + ((bits >> dropped) & 1)) & ~(((<u32>1) << dropped) - 1));
}

/** To a multiple of the last place of float32 numbers as large as `magic`, sign kept. */
function spaced(value: f32, magic: f32): f32 {
  return copysign<f32>(abs(value) + magic - magic, value);
}

function toBf16(value: f32): f32 {
  return isSpecial(value) ? value : shortened(value, 16);
}

function toF16(value: f32): f32 {
  if (isSpecial(value)) return value;
  // Multiples of 2^-24 below the smallest normal, 2^-14.
  if (abs(value) < <f32>6.103515625e-5) return spaced(value, 0.5);
  const near = shortened(value, 13);
  return abs(near) > 65504 ? copysign<f32>(f32.MAX_VALUE * 2, near) : near;
}

function toE4m3(value: f32, saturating: bool): f32 {
  if (value !== value) return value;
  // Multiples of 2^-9 below 2^-6.
  if (abs(value) < <f32>0.015625) return spaced(value, 16384);
  const near = isSpecial(value) ? value : shortened(value, 20);
  if (abs(near) <= 448) return near;
  return saturating ? copysign<f32>(448, near) : f32.NaN;
}

function toE5m2(value: f32): f32 {
  if (isSpecial(value)) return value;
  // Multiples of 2^-16 below 2^-14.
  if (abs(value) < <f32>6.103515625e-5) return spaced(value, 128);
  const near = shortened(value, 21);
  return abs(near) > 57344 ? copysign<f32>(f32.MAX_VALUE * 2, near) : near;
}

/** Distinct values looked for at most. */
const seen: usize = memory.data(256, 16);

/** Number of distinct float32 bits after `bits` of each were kept (0x7fffffff: magnitudes), counted up to `limit` ≤ 64; −0 is 0. */
export function distinctValues(values: usize, elements: usize, bits: u32, limit: u32): u32 {
  let found: u32 = 0;
  for (let i: usize = 0; i < elements; i++) {
    let value = load<u32>(values + (i << 2)) & bits;
    if ((value & 0x7fffffff) === 0) value = 0;
    let known = false;
    for (let j: u32 = 0; j < found && !known; j++) known = load<u32>(seen + ((<usize>j) << 2)) === value;
    if (known) continue;
    store<u32>(seen + ((<usize>found) << 2), value);
    if (++found === limit) return found;
  }
  return found;
}
