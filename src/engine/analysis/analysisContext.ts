// What the two halves of a run share: reading (`reading.ts`) puts matrices where decomposing (`decomposing.ts`) takes them,
// and both tell the same report.
import type { AnalysisOptions } from '../../shared/options/options.ts';
import type { PreparedUpdate } from '../updates/prepareUpdate.ts';
import type { LowRankUpdate } from '../gates/lowRankUpdate.ts';
import type { MatrixSides } from '../gates/matrixSides.ts';
import type { StreamTotals } from '../kernels/tensorStreamer.ts';
import type { FirstLayer } from './firstLayer.ts';
import type { MatrixQueue } from './matrixQueue.ts';
import type { AnalysisPorts } from './ports.ts';
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
  /** Matrices that may be decomposed at once. */
  lanes: number;
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
