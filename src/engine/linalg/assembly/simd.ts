// Float64 vector primitives over linear memory: addresses are byte offsets, lengths are element counts.

export function element(base: usize, index: i32): usize {
  return base + ((<usize>index) << 3);
}

/** Σ xᵢyᵢ, in four partial sums. */
export function dot(x: usize, y: usize, length: i32): f64 {
  let first = f64x2.splat(0);
  let second = f64x2.splat(0);
  let i = 0;
  for (; i + 4 <= length; i += 4) {
    const at = (<usize>i) << 3;
    first = f64x2.add(first, f64x2.mul(v128.load(x + at), v128.load(y + at)));
    second = f64x2.add(second, f64x2.mul(v128.load(x + at, 16), v128.load(y + at, 16)));
  }
  first = f64x2.add(first, second);
  let sum = f64x2.extract_lane(first, 0) + f64x2.extract_lane(first, 1);
  for (; i < length; i++) sum += load<f64>(element(x, i)) * load<f64>(element(y, i));
  return sum;
}

/** y += a·x */
export function axpy(a: f64, x: usize, y: usize, length: i32): void {
  const factor = f64x2.splat(a);
  let i = 0;
  for (; i + 2 <= length; i += 2) {
    const at = (<usize>i) << 3;
    v128.store(y + at, f64x2.add(v128.load(y + at), f64x2.mul(factor, v128.load(x + at))));
  }
  for (; i < length; i++) store<f64>(element(y, i), load<f64>(element(y, i)) + a * load<f64>(element(x, i)));
}

/** y += a·x and Σ xᵢzᵢ in one pass over x. */
export function axpyDot(a: f64, x: usize, y: usize, z: usize, length: i32): f64 {
  const factor = f64x2.splat(a);
  let sums = f64x2.splat(0);
  let i = 0;
  for (; i + 2 <= length; i += 2) {
    const at = (<usize>i) << 3;
    const value = v128.load(x + at);
    v128.store(y + at, f64x2.add(v128.load(y + at), f64x2.mul(factor, value)));
    sums = f64x2.add(sums, f64x2.mul(value, v128.load(z + at)));
  }
  let sum = f64x2.extract_lane(sums, 0) + f64x2.extract_lane(sums, 1);
  for (; i < length; i++) {
    const value = load<f64>(element(x, i));
    store<f64>(element(y, i), load<f64>(element(y, i)) + a * value);
    sum += value * load<f64>(element(z, i));
  }
  return sum;
}

/** z += a·x + b·y */
export function axpy2(a: f64, x: usize, b: f64, y: usize, z: usize, length: i32): void {
  const first = f64x2.splat(a);
  const second = f64x2.splat(b);
  let i = 0;
  for (; i + 2 <= length; i += 2) {
    const at = (<usize>i) << 3;
    const sum = f64x2.add(f64x2.mul(first, v128.load(x + at)), f64x2.mul(second, v128.load(y + at)));
    v128.store(z + at, f64x2.add(v128.load(z + at), sum));
  }
  for (; i < length; i++) {
    const sum = a * load<f64>(element(x, i)) + b * load<f64>(element(y, i));
    store<f64>(element(z, i), load<f64>(element(z, i)) + sum);
  }
}

/** x += a·t + b·u over length + 1 elements, and of the first `length` of the new x: y += c·x and Σ xᵢzᵢ; one pass over x. */
export function updateAxpyDot(
  a: f64,
  t: usize,
  b: f64,
  u: usize,
  x: usize,
  c: f64,
  y: usize,
  z: usize,
  length: i32,
): f64 {
  const first = f64x2.splat(a);
  const second = f64x2.splat(b);
  const factor = f64x2.splat(c);
  let sums = f64x2.splat(0);
  let i = 0;
  for (; i + 2 <= length; i += 2) {
    const at = (<usize>i) << 3;
    const change = f64x2.add(f64x2.mul(first, v128.load(t + at)), f64x2.mul(second, v128.load(u + at)));
    const value = f64x2.add(v128.load(x + at), change);
    v128.store(x + at, value);
    v128.store(y + at, f64x2.add(v128.load(y + at), f64x2.mul(factor, value)));
    sums = f64x2.add(sums, f64x2.mul(value, v128.load(z + at)));
  }
  let sum = f64x2.extract_lane(sums, 0) + f64x2.extract_lane(sums, 1);
  for (; i <= length; i++) {
    const change = a * load<f64>(element(t, i)) + b * load<f64>(element(u, i));
    const value = load<f64>(element(x, i)) + change;
    store<f64>(element(x, i), value);
    if (i === length) break;
    store<f64>(element(y, i), load<f64>(element(y, i)) + c * value);
    sum += value * load<f64>(element(z, i));
  }
  return sum;
}

/** (x, y) ← (c·x − s·y, s·x + c·y) */
export function rotate(x: usize, y: usize, c: f64, s: f64, length: i32): void {
  const cosine = f64x2.splat(c);
  const sine = f64x2.splat(s);
  let i = 0;
  for (; i + 2 <= length; i += 2) {
    const at = (<usize>i) << 3;
    const a = v128.load(x + at);
    const b = v128.load(y + at);
    v128.store(x + at, f64x2.sub(f64x2.mul(cosine, a), f64x2.mul(sine, b)));
    v128.store(y + at, f64x2.add(f64x2.mul(sine, a), f64x2.mul(cosine, b)));
  }
  for (; i < length; i++) {
    const a = load<f64>(element(x, i));
    const b = load<f64>(element(y, i));
    store<f64>(element(x, i), c * a - s * b);
    store<f64>(element(y, i), s * a + c * b);
  }
}
