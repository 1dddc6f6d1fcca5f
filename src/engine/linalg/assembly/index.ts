export { tridiagonalize, tridiagonalEigen, backTransform, forwardTransform } from './symmetricEigen';
export { inverseIteration } from './inverseIteration';
export { choleskyInverse } from './cholesky';
export { histogramHigh, histogramLow } from './histograms';
export { countExponents } from './exponents';
export { countMasks } from './masks';
export * from './packed';

/** First byte free for the caller's arrays. */
export function arenaStart(): usize {
  return __heap_base;
}
