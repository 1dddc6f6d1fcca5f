export { tridiagonalize, tridiagonalEigen, backTransform, forwardTransform } from './symmetricEigen';
export { inverseIteration } from './inverseIteration';
export { choleskyInverse } from './cholesky';
export { histogramHigh, histogramLow, histogramPacked, countMasks, countPackedMasks } from './masks';
export * from './packed';

/** First byte free for the caller's arrays. */
export function arenaStart(): usize {
  return __heap_base;
}
