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
    const exponent = (load<u32>(base + at) >> 23) & 0xff;
    const bits = load<u32>(reconstruction + at) & 0x7fffffff;
    const table = <u32>(bits >= from) + <u32>(bits >= to);
    addTo(tables, exponent + 256 * (table + 3 * (i & 1)));
  }
}
