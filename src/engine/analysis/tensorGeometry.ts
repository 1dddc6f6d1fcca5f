// Gate II of one tensor: its matrix, or every matrix of an expert stack one after the other.
import { problem, ThreeGateError, type Problem } from '../../shared/errors.ts';
import { formatBytes } from '../../shared/text/format.ts';
import type { GeometryOptions, MeasuredMatrix, BaseMemory } from '../gates/geometry.ts';
import type { LowRankUpdate } from '../gates/lowRankUpdate.ts';
import type { PairStorage } from '../gates/sizeMatched.ts';
import { partOf, type MatrixSides } from '../gates/matrixSides.ts';
import type { MeasureMatrix } from './ports.ts';
import type { PlannedMatrices, Step } from './step.ts';

/**
 * One part per matrix; null where its two sides are equal, whose geometry is known without spectral work.
 * `sides` are `count` matrices one behind the other; they are used up.
 */
export async function measureMatrices(
  { count, layout }: PlannedMatrices,
  memory: (index: number) => BaseMemory | null,
  sides: MatrixSides,
  factors: LowRankUpdate | null,
  storage: PairStorage | null,
  options: GeometryOptions,
  measure: MeasureMatrix,
  signal: AbortSignal,
): Promise<(MeasuredMatrix | null)[]> {
  const { rows, columns } = layout;
  const elements = rows * columns;
  const parts: (MeasuredMatrix | null)[] = [];
  for (let index = 0; index < count; index++) {
    throwIfCancelled(signal);
    const from = index * elements;
    // Updates of stacks have no factors here; of a vocabulary that was resized, the rows that both sides have.
    const update = factors && { ...factors, left: factors.left.subarray(0, rows * factors.rank) };
    const part = partOf(sides, from, from + elements);
    const pair = { ...part, layout, storage, ...(update && { update }) };
    parts.push(await measure(pair, options, memory(index)));
  }
  return parts;
}

/** What went wrong with one tensor, in a sentence that names it. */
export function tensorProblem(
  thrown: unknown,
  { pair, matrixBytes }: Pick<Step, 'pair' | 'matrixBytes'>,
): Problem {
  if (thrown instanceof ThreeGateError) return thrown.problem;
  const place = { tensor: pair.name, file: pair.tuned.file };
  // V8 reports a typed array that cannot be allocated as a RangeError.
  if (thrown instanceof RangeError) {
    const message = `${pair.name} needs ${formatBytes(matrixBytes)} for its decomposition, which could not be allocated.`;
    return problem('out-of-memory', message, place);
  }
  const why = thrown instanceof Error ? thrown.message : String(thrown);
  return problem('internal', `${pair.name} could not be measured: ${why}`, place);
}

export function throwIfCancelled(signal: AbortSignal): void {
  if (signal.aborted) throw new ThreeGateError('cancelled', 'The analysis was cancelled.');
}
