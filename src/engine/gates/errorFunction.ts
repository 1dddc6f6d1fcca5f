// The error function in float64: power series near zero, continued fraction beyond (Abramowitz & Stegun 7.1.6 and 7.1.14,
// the latter by Lentz's method). Relative error below 1e-14 on both.

const rootPi = Math.sqrt(Math.PI);
const seriesLimit = 2;
const settled = 1e-16;

export function erf(x: number): number {
  return Math.abs(x) < seriesLimit ? series(x) : 1 - erfc(x);
}

/** 1 − erf(x), without cancellation for large x. */
export function erfc(x: number): number {
  if (x < seriesLimit) return x > -seriesLimit ? 1 - series(x) : 2 - erfc(-x);
  // exp(−x²) is zero in float64 from here on.
  return x > 27 ? 0 : (Math.exp(-x * x) / rootPi) * fraction(x);
}

/** Probability that a standard normal number is below x. */
export function normalBelow(x: number): number {
  return erfc(-x * Math.SQRT1_2) / 2;
}

/** 2/√π·e^(−x²)·Σ 2ⁿx^(2n+1)/(2n+1)!! */
function series(x: number): number {
  const square = 2 * x * x;
  let term = x;
  let sum = x;
  for (let n = 1; Math.abs(term) > settled * Math.abs(sum); n++) {
    term *= square / (2 * n + 1);
    sum += term;
  }
  return (2 / rootPi) * Math.exp(-x * x) * sum;
}

/** 1/(x + ½/(x + 1/(x + 3⁄2/(x + …)))) */
function fraction(x: number): number {
  let result = x;
  let upper = x;
  let lower = 0;
  for (let n = 1; n < 200; n++) {
    lower = 1 / (x + (n / 2) * lower);
    upper = x + n / 2 / upper;
    const factor = upper * lower;
    result *= factor;
    if (Math.abs(factor - 1) < settled) break;
  }
  return 1 / result;
}
