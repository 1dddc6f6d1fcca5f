// Elements by the exponent of their base, apart for those that lie in M_princ, near its limit, and outside: what the
// size-matched null needs of a mask (`gates/sizeMatched.ts`).
import { addTo } from './counting';

/**
 * Adds `count` elements to three tables of 256 u32 one behind the other, by the biased exponent of |w|: bits(|r|) < from, from
 * ≤ bits(|r|) < to, and beyond. Elements take turns with a second set of tables behind the first: incrementing a counter that
 * was just incremented waits for that.
 */
export function countExponents(
  base: usize,
  reconstruction: usize,
  count: i32,
  from: u32,
  to: u32,
  tables: usize,
): void {
  for (let i: u32 = 0; i < <u32>count; i++) {
    const at = (<usize>i) << 2;
    countOne(load<u32>(base + at) >> 23, load<u32>(reconstruction + at), from, to, tables, i & 1);
  }
}

/** The same with the base as the bf16 in the lower half of every word. */
export function countPackedExponents(
  words: usize,
  reconstruction: usize,
  count: i32,
  from: u32,
  to: u32,
  tables: usize,
): void {
  for (let i: u32 = 0; i < <u32>count; i++) {
    const at = (<usize>i) << 2;
    countOne(load<u32>(words + at) >> 7, load<u32>(reconstruction + at), from, to, tables, i & 1);
  }
}

function countOne(exponent: u32, strength: u32, from: u32, to: u32, tables: usize, turn: u32): void {
  const bits = strength & 0x7fffffff;
  const table = <u32>(bits >= from) + <u32>(bits >= to);
  addTo(tables, (exponent & 0xff) + 256 * (table + 3 * turn));
}
