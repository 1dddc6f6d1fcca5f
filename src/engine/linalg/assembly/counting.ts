// What passes that count and sum over elements share.

/** bins[bin] += 1, u32. */
export function addTo(bins: usize, bin: u32): void {
  const at = bins + ((<usize>bin) << 2);
  store<u32>(at, load<u32>(at) + 1);
}

/** The upper two of four lanes as the lower two. */
export function upperHalf(x: v128): v128 {
  return v128.shuffle<u32>(x, x, 2, 3, 2, 3);
}

/** Adds four u32 lanes to one u32. */
export function addLanes(to: usize, lanes: v128): void {
  const sum =
    i32x4.extract_lane(lanes, 0) +
    i32x4.extract_lane(lanes, 1) +
    i32x4.extract_lane(lanes, 2) +
    i32x4.extract_lane(lanes, 3);
  store<u32>(to, load<u32>(to) + sum);
}

/** Adds two f64 lanes to one f64. */
export function addBoth(to: usize, lanes: v128): void {
  store<f64>(to, load<f64>(to) + f64x2.extract_lane(lanes, 0) + f64x2.extract_lane(lanes, 1));
}
