// When a pair of values has changed in the bf16 view.

/** Below this η, two normal bf16 values that differ have changed: their distance is at least 2⁻⁸ of the larger. */
export const everyStep: f64 = 0.00390625;

/** Lanes of bf16 values as float32 that differ by more than η·max(|w|, |ŵ|). */
export function changedLanes(w: v128, v: v128, eta: f64): v128 {
  return i32x4(
    changed(f32x4.extract_lane(w, 0), f32x4.extract_lane(v, 0), eta),
    changed(f32x4.extract_lane(w, 1), f32x4.extract_lane(v, 1), eta),
    changed(f32x4.extract_lane(w, 2), f32x4.extract_lane(v, 2), eta),
    changed(f32x4.extract_lane(w, 3), f32x4.extract_lane(v, 3), eta),
  );
}

function changed(w: f32, v: f32, eta: f64): i32 {
  return Math.abs(<f64>v - <f64>w) > eta * Math.max(Math.abs(<f64>w), Math.abs(<f64>v)) ? -1 : 0;
}
