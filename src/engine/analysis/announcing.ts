// What an analysis is about to read from elsewhere, told before the first byte: less what earlier runs left of it.
import { stretchesOfPair } from '../kernels/stretches.ts';
import type { AnalysisMemory } from './analysisMemory.ts';
import type { AnalysisPorts } from './ports.ts';
import type { Step } from './step.ts';

/** The bytes that have to come from elsewhere; rejects where that is more than was allowed. What is remembered is told by hashes that were stored: nothing is read for it. */
export async function announceReads(
  steps: readonly Step[],
  memory: AnalysisMemory | null,
  announce: AnalysisPorts['announce'],
): Promise<number> {
  const needed = [];
  for (const step of steps) {
    const stretches = stretchesOfPair(step.pair);
    if (stretches.length === 0) continue;
    const remembered = (await memory?.recall(step).catch(() => null)) ?? null;
    if (remembered === null) needed.push(...stretches);
  }
  return await announce(needed);
}
