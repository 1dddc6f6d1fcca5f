// The tables that float32 pairs are counted in, and their way into the tally: a record per bin of |Δ|, a counter per pair of
// neighbouring exponents, and what is counted lane by lane.
import { pairTable, tablesEnd as bf16TablesEnd } from './pairTable';
import {
  CHANGED,
  COMPARED,
  HIDDEN,
  RAW_CHANGED,
  SIGN_FLIPS,
  ULP_1,
  WITHIN_ABS,
  addAt,
  addCount,
  tallyDeltaCounts,
  tallyDeltaEnergies,
  tallyExponents,
} from './tally';

const bins: usize = 32768;

/** f64 × 2 a bin, ΣΔ² and the number of elements: one addition does both. Then four records for elements with Δ = 0. */
export const deltaRecords: usize = bf16TablesEnd;
/** Byte offset of the record that the first of four lanes takes when it did not move. */
export const unmovedRecords: usize = bins << 4;
/** u32 × 65536: by the exponents of two neighbouring base elements, the first in the low byte. */
export const exponentPairs: usize = deltaRecords + unmovedRecords + 64;
/** u32 × 4 lanes each: elements by what `LANES_…` say. */
export const laneCounts: usize = exponentPairs + (4 << 16);
/** The first byte that is free. */
export const tablesEnd: usize = laneCounts + 8 * 16;

/** Unchanged in the bf16 view; sign flips; more bf16 steps apart than 1, 2, 4, 8, 16; |Δ| ≤ 1e-5. */
export const LANES_EQUAL: usize = 0;
export const LANES_FLIPS: usize = 1;
export const LANES_ABOVE_1: usize = 2;
export const LANES_WITHIN: usize = 7;

/** Leaves all tables of both kernels empty. */
export function clearTables(): void {
  memory.fill(pairTable, 0, tablesEnd - pairTable);
}

/**
 * Moves what was counted of `elements` lanes into the tally and leaves the tables empty. `idle` of the lanes held zeros on
 * both sides in place of something else.
 */
export function drainF32(tally: usize, elements: u32, idle: u32): void {
  const changed = elements - lanes(LANES_EQUAL);
  const flips = lanes(LANES_FLIPS);
  addCount(tally, COMPARED, elements - idle);
  addCount(tally, CHANGED, changed);
  addCount(tally, SIGN_FLIPS, flips);
  addCount(tally, WITHIN_ABS, lanes(LANES_WITHIN) - idle);
  let atLeast = changed - flips;
  for (let i: usize = 0; i < 5; i++) {
    const above = lanes(LANES_ABOVE_1 + i);
    addCount(tally, ULP_1 + i, atLeast - above);
    atLeast = above;
  }
  addCount(tally, ULP_1 + 5, atLeast);
  const moved = drainDeltas(tally);
  addCount(tally, RAW_CHANGED, moved);
  addCount(tally, HIDDEN, moved - changed);
  drainExponents(tally);
  // Subtracted from the tally's counter and not from a pair's: an idle lane may have any neighbour.
  addAt(tally + tallyExponents, -idle);
  memory.fill(laneCounts, 0, tablesEnd - laneCounts);
}

function lanes(index: usize): u32 {
  const counts = v128.load(laneCounts + (index << 4));
  return (
    i32x4.extract_lane(counts, 0) +
    i32x4.extract_lane(counts, 1) +
    i32x4.extract_lane(counts, 2) +
    i32x4.extract_lane(counts, 3)
  );
}

/** Returns how many elements moved. */
function drainDeltas(tally: usize): u32 {
  let moved: u32 = 0;
  for (let bin: usize = 0; bin < bins; bin++) {
    const record = deltaRecords + (bin << 4);
    const count = <u32>load<f64>(record, 8);
    if (count === 0) continue;
    moved += count;
    addAt(tally + tallyDeltaCounts + (bin << 2), count);
    const at = tally + tallyDeltaEnergies + (bin << 3);
    store<f64>(at, load<f64>(at) + load<f64>(record));
  }
  memory.fill(deltaRecords, 0, unmovedRecords + 64);
  return moved;
}

function drainExponents(tally: usize): void {
  const first = tally + tallyExponents;
  for (let second: usize = 0; second < 256; second++) {
    const row = exponentPairs + (second << 10);
    let total = i32x4.splat(0);
    for (let at: usize = 0; at < 1024; at += 16) {
      const counts = v128.load(row + at);
      total = i32x4.add(total, counts);
      v128.store(first + at, i32x4.add(v128.load(first + at), counts));
    }
    addAt(
      first + (second << 2),
      i32x4.extract_lane(total, 0) +
        i32x4.extract_lane(total, 1) +
        i32x4.extract_lane(total, 2) +
        i32x4.extract_lane(total, 3),
    );
  }
  memory.fill(exponentPairs, 0, 4 << 16);
}
