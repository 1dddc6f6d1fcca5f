// An analysis over a fake world, and what tests ask of its report.
import assert from 'node:assert/strict';
import type { AnalysisPorts } from '../../../src/engine/analysis/ports.ts';
import { runAnalysis } from '../../../src/engine/analysis/runAnalysis.ts';
import { ThreeGateError } from '../../../src/shared/errors.ts';
import { defaultOptions } from '../../../src/shared/options/catalogue.ts';
import type { AnalysisOptions } from '../../../src/shared/options/options.ts';
import type { Report, TensorReport } from '../../../src/shared/report/report.ts';
import type { AnalysisEvent } from '../../../src/shared/protocol/analysisEvents.ts';
import { fakePorts, matrix, ramp, type FakeTensor, type FakeWorld } from './fakes.ts';

export const norm: FakeTensor = {
  name: 'model.layers.0.input_layernorm.weight',
  shape: [8],
  layer: 0,
  module: 'norm',
  base: ramp(8),
  tuned: ramp(8),
};
export const small: FakeTensor[] = [
  matrix(0, 'q', 8, 8),
  norm,
  matrix(1, 'q', 16, 8),
  { ...matrix(1, 'k', 8, 8), tuned: ramp(64) },
];

interface Analyzed {
  report: Report;
  events: AnalysisEvent[];
  ports: AnalysisPorts & { closed: string[] };
}

export async function analyze(
  world: FakeWorld,
  options: Partial<AnalysisOptions> = {},
  signal = new AbortController().signal,
): Promise<Analyzed> {
  const ports = fakePorts(world);
  const events: AnalysisEvent[] = [];
  const request = {
    basePath: '/base',
    tunedPath: '/tuned',
    options: { ...defaultOptions, ...options },
    configPaths: null,
  };
  const report = await runAnalysis(request, ports, (event) => events.push(event), signal);
  return { report, events, ports };
}

export function row(report: Report, name: string): TensorReport {
  const found = report.tensors.find((tensor) => tensor.name === name);
  assert.ok(found, `no row ${name}`);
  return found;
}

/** Everything but what time and the machine decide. */
export function comparable(report: Report): object {
  return { ...report, timings: null, options: null, engine: null };
}

export function isProblem(code: string, message: RegExp): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof ThreeGateError);
    assert.equal(error.problem.code, code);
    assert.match(error.message, message);
    return true;
  };
}
