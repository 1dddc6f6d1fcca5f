// Shared runs over a scripted engine: one run for one pair, batches, cancel, crash, grace, results kept.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { EngineApi } from '../../../src/node/engine/engineApi.ts';
import { ThreeGateError } from '../../../src/shared/errors.ts';
import { defaultOptions } from '../../../src/shared/options/catalogue.ts';
import type { RunState } from '../../../src/shared/protocol/panelProtocol.ts';
import type { Report } from '../../../src/shared/report/report.ts';
import type { AnalysisEvent } from '../../../src/shared/protocol/analysisEvents.ts';
import type { RunRequest } from '../../../src/node/runs/pairRun.ts';
import { RunService } from '../../../src/node/runs/runService.ts';

const request: RunRequest = {
  basePath: '/base',
  tunedPath: '/tuned',
  configPaths: null,
  options: { ...defaultOptions },
  cacheDirectory: null,
};

/** An engine whose analysis the test drives by hand. */
class ScriptedEngine implements EngineApi {
  static started: ScriptedEngine[] = [];
  engine = '';
  remoteLimitBytes: number | null = 0;
  isDisposed = false;
  signal = new AbortController().signal;
  emit: (event: AnalysisEvent) => void = () => undefined;
  resolve: (report: Report) => void = () => undefined;
  reject: (error: Error) => void = () => undefined;

  analyze(
    { options, remoteLimitBytes }: RunRequest,
    onEvent: (event: AnalysisEvent) => void,
    signal: AbortSignal,
  ): Promise<Report> {
    ScriptedEngine.started.push(this);
    this.engine = options.engine;
    this.remoteLimitBytes = remoteLimitBytes ?? null;
    this.emit = onEvent;
    this.signal = signal;
    return new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
  }

  inspect(): never {
    throw new Error('not asked for here');
  }

  weightFiles(): never {
    throw new Error('not asked for here');
  }

  compareRuns(): never {
    throw new Error('not asked for here');
  }

  analyzeShard(): never {
    throw new Error('not asked for here');
  }

  planShards(): never {
    throw new Error('not asked for here');
  }

  mergeShards(): never {
    throw new Error('not asked for here');
  }

  exportMask(): never {
    throw new Error('not asked for here');
  }

  dispose(): void {
    this.isDisposed = true;
  }
}

/** Only what the service looks at. */
function reportOf(status: Report['status']): Report {
  return { status, tensors: [], problems: [] } as unknown as Report;
}

function setUp(): { service: RunService; completed: Report[]; engines: ScriptedEngine[] } {
  ScriptedEngine.started = [];
  const completed: Report[] = [];
  const service = new RunService({
    createEngine: () => new ScriptedEngine(),
    onComplete: (_request, report) => completed.push(report),
    graceMs: 20,
  });
  return { service, completed, engines: ScriptedEngine.started };
}

const settle = (ms = 5): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

function engineAt(engines: ScriptedEngine[], index: number): ScriptedEngine {
  const engine = engines[index];
  assert.ok(engine !== undefined, `engine ${index} was started`);
  return engine;
}

describe('the run service', () => {
  it('gives two editors on a pair one run, and another pair its own', () => {
    const { service } = setUp();
    const first = service.hold(request, null);
    const second = service.hold({ ...request, options: { ...defaultOptions, threads: 3 } }, null);
    const other = service.hold({ ...request, options: { ...defaultOptions, rank: 3 } }, null);
    assert.equal(first.run, second.run);
    assert.notEqual(first.run, other.run);
  });

  it('starts the engine once however often it is asked, and keeps the result', async () => {
    const { service, completed, engines } = setUp();
    const { run } = service.hold(request, null);
    run.start();
    run.start();
    await settle();
    assert.equal(engines.length, 1);
    assert.deepEqual(service.running(), [run]);
    engineAt(engines, 0).resolve(reportOf('complete'));
    await settle();
    assert.deepEqual(run.state, { kind: 'complete' });
    assert.equal(completed.length, 1);
    assert.ok(engineAt(engines, 0).isDisposed);
  });

  it('passes events on in one batch, of progress the last', async () => {
    const { service, engines } = setUp();
    const { run } = service.hold(request, null);
    const batches: string[][] = [];
    run.listen({
      onState: () => undefined,
      onEvents: (events) => batches.push(events.map(({ kind }) => kind)),
    });
    run.start();
    await settle();
    const { emit } = engineAt(engines, 0);
    const progress: AnalysisEvent = {
      kind: 'progress',
      progress: {
        ...{ bytesDone: 1, bytesTotal: 2, matrixWorkDone: 0, matrixWorkTotal: 0, matricesDone: 0 },
        ...{ matricesTotal: 0, elapsedMs: 1, remainingMs: null, current: null },
      },
    };
    emit({ kind: 'started', report: reportOf('running') });
    emit(progress);
    emit(progress);
    await settle(150);
    assert.deepEqual(batches, [['started', 'progress']]);
    assert.equal(run.report?.status, 'running');
  });

  it('cancels at once, hears nothing more, and can start again', async () => {
    const { service, completed, engines } = setUp();
    const { run } = service.hold(request, null);
    run.start();
    await settle();
    const engine = engineAt(engines, 0);
    engine.emit({ kind: 'started', report: reportOf('running') });
    run.cancel();
    assert.deepEqual(run.state, { kind: 'cancelled' });
    assert.equal(run.report?.status, 'cancelled');
    assert.ok(engine.signal.aborted);
    run.start();
    engine.emit({ kind: 'started', report: reportOf('running') });
    engine.resolve(reportOf('cancelled'));
    await settle();
    assert.equal(completed.length, 0);
    assert.equal(engines.length, 2, 'the new start waited for the old engine');
    assert.equal(run.isRunning, true);
  });

  it('keeps what was computed when the engine goes down, and goes on with WebAssembly', async () => {
    const { service, engines } = setUp();
    const { run } = service.hold(request, null);
    run.start();
    await settle();
    engineAt(engines, 0).emit({ kind: 'started', report: reportOf('running') });
    engineAt(engines, 0).reject(new ThreeGateError('engine-crashed', 'gone'));
    await settle();
    const state: RunState = run.state;
    assert.ok(state.kind === 'failed' && state.canRetryWithWasm);
    assert.equal(run.report?.status, 'failed');
    run.start({ engine: 'wasm' });
    await settle();
    assert.equal(engineAt(engines, 1).engine, 'wasm');
    engineAt(engines, 1).reject(new ThreeGateError('engine-crashed', 'gone again'));
    await settle();
    assert.ok(run.state.kind === 'failed' && !run.state.canRetryWithWasm);
  });

  it('offers no fallback for what a fallback cannot mend', async () => {
    const { service, engines } = setUp();
    const { run } = service.hold(request, null);
    run.start();
    await settle();
    engineAt(engines, 0).reject(new ThreeGateError('not-found', '/base does not exist.'));
    await settle();
    assert.ok(run.state.kind === 'failed' && !run.state.canRetryWithWasm);
    assert.equal(run.state.problem.code, 'not-found');
  });

  it('reads more than was asked for only once the user has seen how much', async () => {
    const { service, engines } = setUp();
    const { run } = service.hold({ ...request, remoteLimitBytes: 2e9 }, null);
    run.start();
    await settle();
    assert.equal(engineAt(engines, 0).remoteLimitBytes, 2e9);
    engineAt(engines, 0).reject(new ThreeGateError('remote-cost', '12 GB are to be read.'));
    await settle();
    assert.ok(run.state.kind === 'failed' && run.state.problem.code === 'remote-cost');
    run.start({ remoteLimitBytes: null });
    await settle();
    assert.equal(engineAt(engines, 1).remoteLimitBytes, null);
    engineAt(engines, 1).reject(new ThreeGateError('remote-failed', 'The server is gone.'));
    await settle();
    run.start();
    await settle();
    assert.equal(engineAt(engines, 2).remoteLimitBytes, null);
  });

  it('stops a run that nobody shows, after a grace period', async () => {
    const { service, engines } = setUp();
    const hold = service.hold(request, null);
    hold.run.start();
    await settle();
    hold.release();
    const again = service.hold(request, null);
    assert.equal(again.run, hold.run, 'coming back in time keeps the run');
    await settle(40);
    assert.equal(again.run.isRunning, true);
    again.release();
    again.release();
    await settle(40);
    assert.ok(engineAt(engines, 0).signal.aborted);
    assert.notEqual(service.hold(request, null).run, hold.run);
  });

  it('shows a remembered report without running', () => {
    const { service, engines } = setUp();
    const { run } = service.hold(request, reportOf('complete'));
    assert.deepEqual(run.state, { kind: 'complete' });
    assert.equal(engines.length, 0);
  });
});
