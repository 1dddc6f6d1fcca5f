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
export * from './compareBf16';
export { clearTables, drainEqual, drainPairs, tablesEnd } from './pairTable';
export * from './bytes';
