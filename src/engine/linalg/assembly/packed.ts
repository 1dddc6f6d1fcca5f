// A packed pair of bf16 matrices, the base's bits in the lower half of an element's word and the tuned one's in the upper,
// widened in place to one float32 a word.

const upperHalf: i32 = 0xffff0000;

/** words ← base. */
export function widenBase(words: usize, count: usize): void {
  let i: usize = 0;
  for (; i + 4 <= count; i += 4) {
    const at = words + (i << 2);
    v128.store(at, i32x4.shl(v128.load(at), 16));
  }
  for (; i < count; i++) store<i32>(words + (i << 2), load<i32>(words + (i << 2)) << 16);
}

/** words ← tuned. */
export function widenTuned(words: usize, count: usize): void {
  let i: usize = 0;
  for (; i + 4 <= count; i += 4) {
    const at = words + (i << 2);
    v128.store(at, v128.and(v128.load(at), i32x4.splat(upperHalf)));
  }
  for (; i < count; i++) store<i32>(words + (i << 2), load<i32>(words + (i << 2)) & upperHalf);
}

/** words ← tuned − base, rounded to float32. */
export function widenDifference(words: usize, count: usize): void {
  let i: usize = 0;
  for (; i + 4 <= count; i += 4) {
    const at = words + (i << 2);
    const pair = v128.load(at);
    const tuned = v128.and(pair, i32x4.splat(upperHalf));
    v128.store(at, f32x4.sub(tuned, i32x4.shl(pair, 16)));
  }
  for (; i < count; i++) {
    const pair = load<i32>(words + (i << 2));
    const difference = reinterpret<f32>(pair & upperHalf) - reinterpret<f32>(pair << 16);
    store<f32>(words + (i << 2), difference);
  }
}
