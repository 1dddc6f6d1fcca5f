// The events of a made-up analysis, batch by batch, as an engine at steady work would send them.
import type { Report, TensorReport } from '../../src/shared/report/report.ts';
import type { AnalysisEvent } from '../../src/shared/protocol/analysisEvents.ts';
import { modelShapes } from './modelShapes.ts';
import { assemble, makeProgress, waiting } from './reports.ts';

export interface MadeRun {
  /** Every tensor waiting. */
  started: Report;
  /** Each brings what was read and decomposed since the last, the pools over all of it, and the progress. */
  batches: AnalysisEvent[][];
  /** As the events leave it. */
  whole: Report;
}

/** Reading runs ahead of decomposing by a tenth of the tensors. */
const lead = 0.1;

export function makeRun(whole: Report, model: keyof typeof modelShapes, count: number): MadeRun {
  const shape = modelShapes[model];
  const total = whole.tensors.length;
  const halves = whole.tensors.map((tensor) => waiting(tensor, true));
  const tensors = whole.tensors.map((tensor) => waiting(tensor, false));
  const started = assemble([...tensors], shape, 'running', whole.training);
  const batches = Array.from({ length: count }, (_, index): AnalysisEvent[] => {
    const done = Math.round((total * (index + 1)) / count);
    const read = Math.min(total, Math.round((total * (index + 1)) / count + total * lead));
    const changed: { index: number; tensor: TensorReport }[] = [];
    for (let at = 0; at < read; at += 1) {
      const next = (at < done ? whole.tensors : halves)[at];
      if (next === undefined || tensors[at] === next) continue;
      tensors[at] = next;
      changed.push({ index: at, tensor: next });
    }
    const report = assemble([...tensors], shape, 'running', whole.training);
    const { summary, layers, modules, coverage } = report;
    return [
      { kind: 'tensors', changed },
      { kind: 'aggregates', summary, layers, modules, coverage },
      { kind: 'progress', progress: makeProgress(whole, (index + 1) / count) },
    ];
  });
  return { started, batches, whole };
}
