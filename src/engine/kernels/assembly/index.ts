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
export { drainEqual, drainPairs } from './pairTable';
export { compareF32Strips } from './compareF32';
export { clearTables, drainF32, tablesEnd } from './f32Tables';
export * from './bytes';
export { distinctValues, survivingCasts } from './casts';
export * from './joint';
