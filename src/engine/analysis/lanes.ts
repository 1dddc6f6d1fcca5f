// How many matrices are decomposed side by side: as many as there are threads, while the memory budget holds them. A thin product
// keeps few threads busy, so lanes are worth more than threads within one.
import type { Step } from './step.ts';

/** Lanes beyond this many would wait for the memory bus and for the reader. */
const mostLanes = 32;

/** At least 1. @param memoryBytes of matrices in work */
export function planLanes(steps: readonly Step[], threads: number, memoryBytes: number): number {
  const usual = usualBytes(steps.filter(({ matrices }) => matrices?.layout.lane === 'worker'));
  const fitting = usual === 0 ? threads : Math.floor(memoryBytes / usual);
  const most = Math.max(1, Math.min(threads, mostLanes, fitting));
  // Of 64 threads, 32 lanes use all; 30 would leave 4 idle.
  let best = most;
  for (let lanes = most; lanes >= 1 && 2 * lanes > most; lanes -= 1) {
    if (used(lanes, threads) > used(best, threads)) best = lanes;
  }
  return best;
}

/** Threads that are in use where each lane has equally many. */
function used(lanes: number, threads: number): number {
  return lanes * Math.floor(threads / lanes);
}

/** What most of the work is done in matrices of, at most: a single embedding is no reason to have few lanes. */
function usualBytes(steps: readonly Step[]): number {
  const sorted = [...steps].sort((one, other) => one.matrixBytes - other.matrixBytes);
  const half = sorted.reduce((sum, { pair }) => sum + pair.elements, 0) / 2;
  let elements = 0;
  for (const { pair, matrixBytes } of sorted) {
    elements += pair.elements;
    if (elements >= half) return matrixBytes;
  }
  return 0;
}
