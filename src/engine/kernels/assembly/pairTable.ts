// The tables that bf16 pairs are counted in, and what follows from them. A table of pairs has a row for each number of
// steps from −128 to 127, and in it a counter for each of 2048 magnitudes |w| from `window` on: 16 exponents.
import { tallyDelta, tallyPairs, ulpBinOf } from './compare';
import { bf16Value } from './rounding';
import {
  CHANGED,
  COMPARED,
  RAW_CHANGED,
  WITHIN_ABS,
  addAt,
  addCount,
  tallyExponents,
  tallySums,
} from './tally';

const rowBytes: usize = 4 << 11;
const groupBytes: usize = 4 << 7;

const equalTableBytes: usize = 4 << 15;

// Both stand at fixed places behind the first page, which holds the module's own data: an address that is part of the
// instruction is an addition less per element.
/** u32 × 256 steps × 2048 magnitudes. */
export const pairTable: usize = 0x10000;
/** u32 × 32768 magnitudes: elements of slabs whose sides are equal, and of pairs that are counted singly. */
export const equalTable: usize = pairTable + (rowBytes << 8);
/** The first byte that is free. */
export const tablesEnd: usize = equalTable + equalTableBytes;

/** Elements by magnitude, whatever their step. */
const byMagnitude: usize = memory.data(8192, 16);

/** Moves a table of pairs into the tally and leaves it empty. */
export function drainPairs(tally: usize, window: u32): void {
  memory.fill(byMagnitude, 0, rowBytes);
  for (let step: i32 = -128; step < 128; step++) {
    const row = pairTable + <usize>(step + 128) * rowBytes;
    let total: u32 = 0;
    for (let exponent: usize = 0; exponent < 16; exponent++) {
      const at = exponent * groupBytes;
      const inGroup = addGroup(row + at, byMagnitude + at);
      if (inGroup === 0) continue;
      total += inGroup;
      if (step !== 0) drainGroup(tally, row + at, window + ((<u32>exponent) << 7), step, inGroup);
    }
    if (total === 0) continue;
    if (step === 0) {
      addCount(tally, WITHIN_ABS, total);
    } else {
      addCount(tally, CHANGED, total);
      addCount(tally, RAW_CHANGED, total);
      addCount(tally, ulpBinOf(abs(step)), total);
    }
    memory.fill(row, 0, rowBytes);
  }
  for (let i: u32 = 0; i < 2048; i++) {
    const count = load<u32>(byMagnitude + ((<usize>i) << 2));
    if (count !== 0) tallyBase(tally, window + i, count);
  }
}

/** Moves a table of equal elements into the tally and leaves it empty. */
export function drainEqual(tally: usize): void {
  for (let bits: u32 = 0; bits < 32768; bits++) {
    const count = load<u32>(equalTable + ((<usize>bits) << 2));
    if (count === 0) continue;
    const value = <f64>bf16Value(bits);
    tallyPairs(tally, value, value, bits, bits, 0, count);
  }
  memory.fill(equalTable, 0, equalTableBytes);
}

/** Adds the 128 counters of an exponent to those at `sums`; returns their total. */
function addGroup(group: usize, sums: usize): u32 {
  let total = i32x4.splat(0);
  for (let at: usize = 0; at < groupBytes; at += 16) {
    const counts = v128.load(group + at);
    total = i32x4.add(total, counts);
    v128.store(sums + at, i32x4.add(v128.load(sums + at), counts));
  }
  return (
    i32x4.extract_lane(total, 0) +
    i32x4.extract_lane(total, 1) +
    i32x4.extract_lane(total, 2) +
    i32x4.extract_lane(total, 3)
  );
}

/** Counts what `count` base elements of a normal magnitude give: their exponent and their squares. */
function tallyBase(tally: usize, magnitude: u32, count: u32): void {
  const value = <f64>bf16Value(magnitude);
  addCount(tally, COMPARED, count);
  addAt(tally + tallyExponents + ((magnitude & 0x7f80) >> 5), count);
  store<f64>(tally + tallySums, load<f64>(tally + tallySums) + value * value * count);
}

/** Counts the |Δ| of the `total` elements of one exponent, magnitudes from `first` on, that moved by `step`. */
function drainGroup(tally: usize, group: usize, first: u32, step: i32, total: u32): void {
  // Those that cross into the next exponent: at the start of the group when moving down, at its end when moving up.
  const crossing: u32 = step < 0 ? 0 : 128 - step;
  const end: u32 = step < 0 ? -step : 128;
  let together = total;
  for (let i = crossing; i < end; i++) {
    const count = load<u32>(group + ((<usize>i) << 2));
    if (count === 0) continue;
    together -= count;
    tallyDelta(tally, distance(first + i, first + i + step), count);
  }
  // All others moved by the same |Δ|: so many units of the exponent's last place.
  if (together !== 0) tallyDelta(tally, distance(first, first + 1) * abs(step), together);
}

function distance(w: u32, v: u32): f64 {
  return abs(<f64>bf16Value(v) - <f64>bf16Value(w));
}
