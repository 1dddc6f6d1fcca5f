// A small seeded generator (mulberry32), so that made-up reports are the same on every machine.

export interface Random {
  /** 0 ≤ value < 1. */
  next(): number;
  between(low: number, high: number): number;
  /** Multiplies by a factor between 1/spread and spread, evenly in the logarithm. */
  around(value: number, spread: number): number;
  integer(below: number): number;
}

export function seeded(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  return {
    next,
    between: (low, high) => low + (high - low) * next(),
    around: (value, spread) => value * spread ** (2 * next() - 1),
    integer: (below) => Math.floor(next() * below),
  };
}
