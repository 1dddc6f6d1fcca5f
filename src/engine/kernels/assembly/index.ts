// Everything that dist/kernels.wasm exports. One file a concern; this one only lists them.
export {
  clearTally,
  tallyBytes,
  tallyCounts,
  tallyDeltaCounts,
  tallyDeltaEnergies,
  tallyExponents,
  tallySums,
} from './tally';
export * from './decode';
export { compareF32, compareF64 } from './compare';
export { bf16Window, compareBf16, countEqualBf16, drainColumns } from './compareBf16';
export { drainMoves, movedBytes } from './moves';
export * from './bytes';
