export { tridiagonalize, tridiagonalEigen, backTransform, forwardTransform } from './symmetricEigen';
export { inverseIteration } from './inverseIteration';
export { choleskyInverse } from './cholesky';
export { histogramHigh, histogramLow, histogramPacked } from './histograms';
export { countExponents, countPackedExponents } from './exponents';
export { countMasks } from './masks';
export { countPackedMasks } from './packedMasks';
export * from './packed';
export { transpose } from './transpose';
export { addRows } from './accumulate';

/** First byte free for the caller's arrays. */
export function arenaStart(): usize {
  return __heap_base;
}
