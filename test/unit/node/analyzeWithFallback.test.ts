// The second try on WebAssembly: only after a crash of the native engine, and only where the choice was left open.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { analyzeWithFallback } from '../../../src/node/engine/analyzeWithFallback.ts';
import type { EngineApi } from '../../../src/node/engine/engineApi.ts';
import { runAnalysis } from '../../../src/engine/analysis/runAnalysis.ts';
import { ThreeGateError, type ProblemCode } from '../../../src/shared/errors.ts';
import type { GemmChoice } from '../../../src/shared/options.ts';
import { defaultOptions } from '../../../src/shared/options/catalogue.ts';
import { applyRunEvent, type RunEvent } from '../../../src/shared/protocol/runEvents.ts';
import type { Report } from '../../../src/shared/report/report.ts';
import { fakeGemm, fakePorts, matrix } from '../analysis/fakes.ts';

interface Setting {
  /** What the first run ends with, after its matrix engine was opened. */
  code: ProblemCode;
  choice?: GemmChoice;
  gates?: typeof defaultOptions.gates;
}

async function run({ code, choice = 'auto', gates = defaultOptions.gates }: Setting): Promise<{
  report: Report;
  folded: Report | null;
  tried: GemmChoice[];
}> {
  const tried: GemmChoice[] = [];
  const engine: EngineApi = {
    async analyze(request, onEvent, signal) {
      const { engine: wanted } = request.options;
      tried.push(wanted);
      const kind = wanted === 'wasm' ? 'wasm' : 'native';
      const ports = fakePorts({
        tensors: [matrix(0, 'q', 8, 8)],
        openGemm: () => Promise.resolve({ gemm: { ...fakeGemm, kind }, fallbackReason: null }),
      });
      const report = await runAnalysis(request, ports, onEvent, signal);
      if (wanted !== 'wasm') throw new ThreeGateError(code, 'The engine process was killed by SIGILL');
      return report;
    },
    exportMask: () => Promise.reject(new Error('unexpected')),
    compareRuns: () => Promise.reject(new Error('unexpected')),
    inspect: () => Promise.reject(new Error('not used')),
    dispose: () => undefined,
  };
  const request = {
    basePath: '/base',
    tunedPath: '/tuned',
    options: { ...defaultOptions, engine: choice, gates },
    configPaths: null,
    cacheDirectory: null,
  };
  const events: RunEvent[] = [];
  const report = await analyzeWithFallback(
    engine,
    request,
    (event) => events.push(event),
    new AbortController().signal,
  );
  return { report, folded: events.reduce<Report | null>(applyRunEvent, null), tried };
}

describe('analyzeWithFallback', () => {
  it('starts again on WebAssembly after a native crash, and the report says why', async () => {
    const { report, folded, tried } = await run({ code: 'engine-crashed' });
    assert.deepEqual(tried, ['auto', 'wasm']);
    assert.equal(report.engine.gemm, 'wasm');
    assert.equal(report.engine.fallbackReason, 'The engine process was killed by SIGILL');
    assert.equal(report.options.engine, 'auto');
    assert.deepEqual(folded, report);
  });

  it('does not when native was asked for, nothing was multiplied, or it was no crash', async () => {
    await assert.rejects(run({ code: 'engine-crashed', choice: 'native' }), /SIGILL/);
    await assert.rejects(run({ code: 'engine-crashed', gates: ['precision'] }), /SIGILL/);
    await assert.rejects(run({ code: 'nothing-to-compare' }), /SIGILL/);
  });
});
