// An analysis that cannot read, cannot decompose, or is cancelled: rows with reasons, never a lost report.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { runAnalysis } from '../../../src/engine/analysis/runAnalysis.ts';
import { problem, ThreeGateError } from '../../../src/shared/errors.ts';
import { defaultOptions } from '../../../src/shared/options/catalogue.ts';
import type { AnalysisEvent } from '../../../src/shared/protocol/analysisEvents.ts';
import { fakePorts, matrix, type FakeWorld } from './fakes.ts';
import { norm, small, analyze, row } from './analyzeFakes.ts';

describe('failures', () => {
  const broken = new ThreeGateError('file-truncated', 'model.safetensors ends before q.', { tensor: 'q' });

  it('makes an unreadable tensor a row with its problem and goes on', async () => {
    const { report } = await analyze({
      tensors: small,
      onStream: ({ name }) => {
        if (name.includes('layers.0.q')) throw broken;
      },
    });
    const bad = row(report, 'model.layers.0.q.weight');
    assert.equal(bad.status, 'unreadable');
    assert.deepEqual(bad.problem, broken.problem);
    assert.equal(bad.precision.reason, broken.message);
    assert.equal(report.status, 'complete');
    assert.equal(report.coverage.compared, 200);
    assert.deepEqual(report.coverage.notCompared[0]?.reason, broken.problem);
    assert.equal(row(report, 'model.layers.1.q.weight').status, 'done');
  });

  it('keeps what the stream measured of a tensor whose decomposition fails', async () => {
    const { report } = await analyze({
      tensors: small,
      onMeasure: (rows) => {
        if (rows === 16) throw new ThreeGateError('not-converged', 'q did not converge.');
      },
    });
    const bad = row(report, 'model.layers.1.q.weight');
    assert.equal(bad.status, 'done');
    assert.equal(bad.problem?.code, 'not-converged');
    assert.equal(bad.geometry.reason, 'q did not converge.');
    assert.equal(bad.precision.value?.sparsityBf16, 0.5);
    assert.equal(report.summary.geometry.value?.matrices, 2);
  });

  it('rejects with the reason, and leaves nothing open, when the matrix engine goes down', async () => {
    const down = new ThreeGateError(
      'engine-crashed',
      'A process that decomposes matrices was killed by SIGSEGV',
    );
    const world: FakeWorld = {
      tensors: [0, 1, 2, 3].map((layer) => matrix(layer, 'q', 16, 16)),
      onMeasure: () => Promise.reject(down),
    };
    const ports = fakePorts(world);
    // Room for one matrix: the reader waits for it.
    const options = { ...defaultOptions, memoryBytes: 1 };
    const request = { basePath: '/base', tunedPath: '/tuned', options, configPaths: null };
    const events: AnalysisEvent[] = [];
    const running = runAnalysis(request, ports, (event) => events.push(event), new AbortController().signal);
    await assert.rejects(running, down);
    assert.deepEqual([...ports.closed].sort(), ['decomposer', 'gemm', 'streamer']);
    assert.ok(events.every(({ kind }) => kind !== 'finished'));
  });

  it('measures Gates I and III without the matrix that cannot be allocated', async () => {
    const { report } = await analyze({
      tensors: small,
      onStream: (_pair, wantMatrices) => {
        if (wantMatrices) throw new RangeError('Array buffer allocation failed');
      },
    });
    const bad = row(report, 'model.layers.0.q.weight');
    assert.equal(bad.problem?.code, 'out-of-memory');
    assert.equal(bad.precision.value?.sparsityBf16, 0.5);
  });

  it('refuses a decomposition that the machine has no memory for, and says how much it needs', async () => {
    const { report } = await analyze({ tensors: small, totalMemoryBytes: 1600 });
    assert.match(
      row(report, 'model.layers.1.q.weight').geometry.reason ?? '',
      /needs about 2.56 kB.* has 1.60 kB/,
    );
    assert.equal(row(report, 'model.layers.0.q.weight').geometry.value?.rows, 8);
  });

  it('says in every row why there is no geometry when no matrix engine can be opened, and asks only once', async () => {
    let asked = 0;
    const openGemm = (): Promise<never> => {
      asked += 1;
      return Promise.reject(new ThreeGateError('gemm-unavailable', 'No matrix engine could be loaded.'));
    };
    const { report } = await analyze({ tensors: small, openGemm });
    assert.equal(asked, 1);
    assert.equal(row(report, 'model.layers.0.q.weight').problem?.code, 'gemm-unavailable');
    assert.equal(row(report, 'model.layers.1.q.weight').problem?.code, 'gemm-unavailable');
    assert.equal(report.summary.gates.precision.standing, 'holds');
  });

  it('carries the problems of both checkpoints', async () => {
    const ports = fakePorts({ tensors: small });
    const open = ports.openCheckpoint;
    ports.openCheckpoint = async (path) => ({
      ...(await open(path)),
      problems: [problem('shard-extra', `${path} holds a file that its index does not name.`)],
    });
    const request = { basePath: '/base', tunedPath: '/tuned', options: defaultOptions, configPaths: null };
    const report = await runAnalysis(request, ports, () => undefined, new AbortController().signal);
    assert.deepEqual(
      report.problems.map(({ code }) => code),
      ['shard-extra', 'shard-extra'],
    );
  });
});

describe('cancelling', () => {
  it('returns what was computed, with the rest listed as not reached', async () => {
    const controller = new AbortController();
    const { report, events } = await analyze(
      {
        tensors: small,
        onStream: ({ layer }) => {
          if (layer === 1) controller.abort();
        },
      },
      {},
      controller.signal,
    );
    assert.equal(report.status, 'cancelled');
    assert.equal(row(report, norm.name).status, 'done');
    assert.equal(row(report, 'model.layers.1.k.weight').status, 'pending');
    const cancelled = report.coverage.notCompared.filter(({ reason }) => reason.code === 'cancelled');
    assert.deepEqual(
      cancelled.map(({ name }) => name),
      ['model.layers.1.k.weight'],
    );
    assert.equal(events.map(({ kind }) => kind).at(-1), 'finished');
  });

  it('ends while the reader waits for memory and a decomposition runs', async () => {
    const controller = new AbortController();
    const { report } = await analyze(
      {
        tensors: small,
        onMeasure: () => {
          controller.abort();
          throw new ThreeGateError('cancelled', 'The analysis was cancelled.');
        },
      },
      { memoryBytes: 1 },
      controller.signal,
    );
    assert.equal(report.status, 'cancelled');
    // Interrupted, not failed: the row keeps Gates I and III and carries no problem.
    assert.equal(row(report, 'model.layers.0.q.weight').problem, null);
    assert.equal(row(report, 'model.layers.0.q.weight').status, 'streamed');
  });
});
