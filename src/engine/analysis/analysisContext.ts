// What the two halves of a run share: reading (`reading.ts`) puts matrices where decomposing (`decomposing.ts`) takes them,
// and both tell the same report.
import type { AnalysisOptions } from '../../shared/options/options.ts';
import type { PreparedUpdate } from '../updates/prepareUpdate.ts';
import type { MeasuredMatrix } from '../gates/geometry.ts';
import type { LowRankUpdate } from '../gates/lowRankUpdate.ts';
import type { MatrixSides } from '../gates/matrixSides.ts';
import type { StreamTotals } from '../kernels/tensorStreamer.ts';
import type { FirstLayer } from './firstLayer.ts';
import { stackGeometry } from './geometryPool.ts';
import type { MatrixQueue } from './matrixQueue.ts';
import { absent, measured } from './measured.ts';
import type { AnalysisPorts } from './ports.ts';
import { equalReason } from './rows.ts';
import type { AnalysisEmitter } from './analysisEmitter.ts';
import type { AnalysisMemory } from './analysisMemory.ts';
import type { Meters, AnalysisState } from './analysisState.ts';
import type { PlannedMatrices, Step } from './step.ts';

/** A tensor that was read and waits for its decomposition. */
export interface WaitingTensor {
  index: number;
  step: Step;
  totals: StreamTotals;
  adapter: PreparedUpdate['report'] | null;
  matrices: PlannedMatrices;
  sides: MatrixSides;
  /** The update as a product, where it is one. */
  factors: LowRankUpdate | null;
}

export interface AnalysisContext {
  ports: AnalysisPorts;
  options: AnalysisOptions;
  threads: number;
  /** Aborts when the run is cancelled, and with `failed`. */
  signal: AbortSignal;
  /** For what no tensor's row can tell: the run rejects with the reason once both halves have stopped. */
  failed: AbortController;
  state: AnalysisState;
  meters: Meters;
  emitter: AnalysisEmitter;
  first: FirstLayer;
  queue: MatrixQueue<WaitingTensor>;
  /** Null where nothing is remembered. */
  memory: AnalysisMemory | null;
}

/** Tells what was found of a tensor's matrices. */
export function tellDecomposed(
  { state, emitter }: AnalysisContext,
  index: number,
  step: Step,
  parts: readonly (MeasuredMatrix | null)[],
): void {
  const geometry = stackGeometry(parts);
  const found = geometry === null ? absent<typeof geometry & object>(equalReason) : measured(geometry);
  emitter.tensor(index, state.decomposed(index, step, found.value === null ? [] : parts, found));
}
