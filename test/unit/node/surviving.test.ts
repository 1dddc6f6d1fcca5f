// The second try on WebAssembly: only after a crash of the native engine, and only where the choice was left open.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { build } from 'esbuild';
import { EngineClient } from '../../../src/node/engine/engineClient.ts';
import { surviving } from '../../../src/node/engine/surviving.ts';
import type { EngineApi } from '../../../src/node/engine/engineApi.ts';
import { runAnalysis } from '../../../src/engine/analysis/runAnalysis.ts';
import { ThreeGateError, type ProblemCode } from '../../../src/shared/errors.ts';
import type { GemmChoice } from '../../../src/shared/options/options.ts';
import { defaultOptions } from '../../../src/shared/options/catalogue.ts';
import { applyAnalysisEvent, type AnalysisEvent } from '../../../src/shared/protocol/analysisEvents.ts';
import type { Report } from '../../../src/shared/report/report.ts';
import { fakeGemm, fakePorts, matrix } from '../analysis/fakes.ts';

const never = new AbortController().signal;

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
    analyzeShard: () => Promise.reject(new Error('unexpected')),
    planShards: () => Promise.reject(new Error('unexpected')),
    mergeShards: () => Promise.reject(new Error('unexpected')),
    exportMask: () => Promise.reject(new Error('unexpected')),
    compareRuns: () => Promise.reject(new Error('unexpected')),
    inspect: () => Promise.reject(new Error('not used')),
    weightFiles: () => Promise.reject(new Error('not used')),
    dispose: () => undefined,
  };
  const request = {
    basePath: '/base',
    tunedPath: '/tuned',
    options: { ...defaultOptions, engine: choice, gates },
    configPaths: null,
    cacheDirectory: null,
  };
  const events: AnalysisEvent[] = [];
  const report = await surviving(engine).analyze(request, (event) => events.push(event), never);
  return { report, folded: events.reduce<Report | null>(applyAnalysisEvent, null), tried };
}

describe('an analysis', () => {
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

describe('masks and runs, in a process that the native library takes down', () => {
  const directory = mkdtempSync(join(tmpdir(), 'three-gate-surviving-'));
  const enginePath = join(directory, 'engine.cjs');
  before(async () => {
    await build({
      entryPoints: [join(import.meta.dirname, 'fakeEngine.ts')],
      outfile: enginePath,
      bundle: true,
      platform: 'node',
      format: 'cjs',
      logLevel: 'error',
    });
  });
  after(() => {
    rmSync(directory, { recursive: true });
  });

  const asked = (
    work: 'exportMask' | 'compareRuns',
    basePath: string,
    engine: GemmChoice,
  ): Promise<unknown> => {
    const client = surviving(new EngineClient({ enginePath }));
    const place = { basePath, eta: 1e-3, match: null };
    const masked = { outPath: join(directory, 'm'), tunedPath: null, exclude: [], engine, threads: 1 };
    const mask = { kind: 'low', rank: 1, alphaPrincipal: 0.3, alphaLow: 0.3, preset: null } as const;
    const analysis = { rank: 1, alpha: 0.3, engine, threads: 1, cacheGigabytes: 1, remoteCacheGigabytes: 1 };
    const compared = {
      runPaths: ['/run'],
      followSteps: false,
      directions: false,
      analysis,
      cacheDirectory: null,
    };
    const done =
      work === 'exportMask'
        ? client.exportMask({ ...place, ...masked, mask }, () => undefined, never)
        : client.compareRuns({ ...place, ...compared }, () => undefined, never);
    return done.finally(() => {
      client.dispose();
    });
  };

  it('are made by WebAssembly, and say so', async () => {
    assert.deepEqual(await asked('exportMask', '/native', 'auto'), {
      engine: { gemm: 'wasm', fallbackReason: 'The engine process was killed by SIGILL' },
    });
    const message =
      'The WebAssembly engine ran instead of the native one: The engine process was killed by SIGILL';
    assert.deepEqual(await asked('compareRuns', '/native', 'auto'), {
      problems: [{ code: 'engine-crashed', message, file: null, tensor: null }],
    });
  });

  it('are not where native was asked for, or the process went down before any product', async () => {
    for (const work of ['exportMask', 'compareRuns'] as const) {
      await assert.rejects(asked(work, '/native', 'native'), /SIGILL/);
      await assert.rejects(asked(work, '/exit', 'auto'), / 7/);
    }
  });
});
