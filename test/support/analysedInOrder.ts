// A whole analysis, its findings in the order of measuring, and the running report at any point of its work: what had been
// told by then, told again.
import { AnalysisState } from '../../src/engine/analysis/analysisState.ts';
import { stepSeconds } from '../../src/engine/analysis/cost.ts';
import { measuringOrder } from '../../src/engine/analysis/measuringOrder.ts';
import type { AnalysisPorts } from '../../src/engine/analysis/ports.ts';
import { measurePair, openPair, startNow } from '../../src/engine/analysis/runAnalysis.ts';
import type { TensorFinding } from '../../src/engine/analysis/tensorFinding.ts';
import { defaultOptions } from '../../src/shared/options/catalogue.ts';
import type { AnalysisOptions } from '../../src/shared/options/options.ts';
import type { Report } from '../../src/shared/report/report.ts';

export interface Analysed {
  final: Report;
  /** The running report when this share of the work was done, by the cost of the plan. */
  at: (share: number) => Report;
}

export async function analysedInOrder(
  basePath: string,
  tunedPath: string,
  ports: AnalysisPorts,
  chosen: Partial<AnalysisOptions> = {},
): Promise<Analysed> {
  const options = { ...defaultOptions, ...chosen };
  const started = startNow();
  const opened = await openPair({ basePath, tunedPath, options, configPaths: null }, ports, ports.machine);
  const training = await ports.readTraining(opened.tuned, opened.base, null);
  const found = new Map<number, TensorFinding[]>();
  const hear = (index: number, finding: TensorFinding): void => {
    found.set(index, [...(found.get(index) ?? []), finding]);
  };
  const { signal } = new AbortController();
  const planned = { ...opened, options, training, started };
  const final = await measurePair({ ...planned, hear }, ports, () => undefined, signal);
  const { steps } = opened.plan;
  const seconds = steps.map((step) => stepSeconds(step, options));
  const whole = seconds.reduce((sum, each) => sum + each, 0);
  return {
    final,
    at(share) {
      const meters = {
        ...started,
        remoteBytes: 0,
        streamMs: 0,
        geometryMs: 0,
        gemmMs: () => 0,
        bytesRead: () => 0,
        peakRssBytes: () => null,
      };
      const state = new AnalysisState({ ...planned, engine: final.engine, hear: null }, meters);
      const { places, countedEarly, firstLayer } = measuringOrder(steps, options.seed);
      const told = new Set<number>();
      const tell = (place: number, kinds: readonly TensorFinding['kind'][]): void => {
        const step = steps[place];
        if (step === undefined) return;
        for (const finding of found.get(place) ?? []) {
          if (!kinds.includes(finding.kind) || (finding.kind === 'streamed' && told.has(place))) continue;
          told.add(place);
          state.tell(place, step, finding);
        }
      };
      let done = 0;
      for (const [turn, place] of places.entries()) {
        if (turn === firstLayer) for (const early of countedEarly) tell(early, ['streamed']);
        if (done >= share * whole) break;
        tell(place, ['streamed', 'decomposed', 'undecomposed', 'unreadable']);
        done += seconds[place] ?? 0;
      }
      return state.report('running');
    },
  };
}
