// The tally: one block of linear memory in which a comparison kernel counts and sums over the elements it sees.
// Offsets in bytes from the block's start; exported, so that the host reads what is written here and nothing is said twice.

/** f64: Σw², ΣΔ², max|Δ|. */
export const tallySums: usize = 0;
/** u32, in this order: compared, nonFinite, changedBf16, rawChanged, hidden, unchangedAbs1e5, ULP 1, 2, 3-4, 5-8, 9-16, >16, sign flips, not finite in the base, in the tuned side. */
export const tallyCounts: usize = 32;
/** u32 × 256: compared base elements by biased exponent of their bf16 view. */
export const tallyExponents: usize = tallyCounts + 64;
/** u32 × 32768: elements with Δ ≠ 0 by the top 15 bits of |Δ| as float32. */
export const tallyDeltaCounts: usize = tallyExponents + 4 * 256;
/** f64 × 32768: ΣΔ² of those. */
export const tallyDeltaEnergies: usize = tallyDeltaCounts + 4 * 32768;
export const tallyBytes: usize = tallyDeltaEnergies + 8 * 32768;

// Indices into the counts.
export const COMPARED: usize = 0;
export const NON_FINITE: usize = 1;
export const CHANGED: usize = 2;
export const RAW_CHANGED: usize = 3;
export const HIDDEN: usize = 4;
export const WITHIN_ABS: usize = 5;
export const ULP_1: usize = 6;
export const SIGN_FLIPS: usize = 12;
export const NON_FINITE_BASE: usize = 13;
export const NON_FINITE_TUNED: usize = 14;

/** Empties the tally. */
export function clearTally(tally: usize): void {
  memory.fill(tally, 0, tallyBytes);
}

/** Adds to a u32 counter. */
export function addAt(counter: usize, amount: u32): void {
  store<u32>(counter, load<u32>(counter) + amount);
}

/** Adds to one of the counts by its index. */
export function addCount(tally: usize, index: usize, amount: u32): void {
  addAt(tally + tallyCounts + (index << 2), amount);
}
