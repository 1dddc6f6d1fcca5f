// The run from two checkpoints to a Report, over a fake world: order, pooling, failures, cancelling, memory.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { AnalysisPorts } from '../../../src/engine/analysis/ports.ts';
import { runAnalysis } from '../../../src/engine/analysis/runAnalysis.ts';
import { problem, ThreeGateError } from '../../../src/shared/errors.ts';
import { defaultOptions, type AnalysisOptions } from '../../../src/shared/options.ts';
import { reportCsv } from '../../../src/shared/text/reportCsv.ts';
import type { Report, TensorReport } from '../../../src/shared/report/report.ts';
import type { LogSeries } from '../../../src/shared/report/training.ts';
import { applyRunEvent, type RunEvent } from '../../../src/shared/protocol/runEvents.ts';
import { fakePorts, matrix, ramp, type FakeTensor, type FakeWorld } from './fakes.ts';

const norm: FakeTensor = {
  name: 'model.layers.0.input_layernorm.weight',
  shape: [8],
  layer: 0,
  module: 'norm',
  base: ramp(8),
  tuned: ramp(8),
};
const small: FakeTensor[] = [
  matrix(0, 'q', 8, 8),
  norm,
  matrix(1, 'q', 16, 8),
  { ...matrix(1, 'k', 8, 8), tuned: ramp(64) },
];

interface Ran {
  report: Report;
  events: RunEvent[];
  ports: AnalysisPorts & { closed: string[] };
}

async function run(
  world: FakeWorld,
  options: Partial<AnalysisOptions> = {},
  signal = new AbortController().signal,
): Promise<Ran> {
  const ports = fakePorts(world);
  const events: RunEvent[] = [];
  const request = {
    basePath: '/base',
    tunedPath: '/tuned',
    options: { ...defaultOptions, ...options },
    configPaths: null,
  };
  const report = await runAnalysis(request, ports, (event) => events.push(event), signal);
  return { report, events, ports };
}

function row(report: Report, name: string): TensorReport {
  const found = report.tensors.find((tensor) => tensor.name === name);
  assert.ok(found, `no row ${name}`);
  return found;
}

/** Everything but what time and the machine decide. */
function comparable(report: Report): object {
  return { ...report, timings: null, options: null, engine: null };
}

describe('a whole run', () => {
  it('starts with every tensor pending, ends with the report, and folds to the same', async () => {
    const { report, events, ports } = await run({ tensors: small });
    const [first] = events;
    assert.equal(first?.kind, 'started');
    assert.deepEqual(
      first.report.tensors.map(({ name, status }) => [name, status]),
      small.map(({ name }) => [name, 'pending']),
    );
    assert.equal(events.map(({ kind }) => kind).at(-1), 'finished');
    assert.equal(events.filter(({ kind }) => kind === 'finished').length, 1);
    assert.equal(report.status, 'complete');
    const folded = events.reduce<Report | null>(applyRunEvent, null);
    assert.deepEqual(folded, report);
    // Without the last event, the increments alone must have told every row.
    const told = events.slice(0, -1).reduce<Report | null>(applyRunEvent, null);
    assert.deepEqual(told?.tensors, report.tensors);
    assert.deepEqual(ports.closed, ['streamer', 'decomposer', 'gemm']);
  });

  it('keeps as many decompositions going as there are lanes, whichever ends first', async () => {
    const tensors = Array.from({ length: 6 }, (_, layer) => matrix(layer, 'q', 8, 8));
    const known = (await run({ tensors })).report;
    let going = 0;
    let most = 0;
    let turn = 0;
    const { report } = await run({
      tensors,
      lanes: 3,
      onMeasure: async () => {
        most = Math.max(most, ++going);
        turn += 1;
        // The later of each three ends sooner.
        await new Promise((resolve) => setTimeout(resolve, 12 - 4 * (turn % 3)));
        going -= 1;
      },
    });
    assert.equal(most, 3);
    assert.deepEqual(report.tensors, known.tensors);
    assert.deepEqual(report.summary, known.summary);
  });

  it('measures matrices, explains vectors, and spends nothing on equal tensors', async () => {
    const measuredShapes: string[] = [];
    const { report } = await run({
      tensors: small,
      onMeasure: (rows, columns) => void measuredShapes.push(`${rows}×${columns}`),
    });
    assert.deepEqual(measuredShapes, ['8×8', '16×8']);
    assert.equal(row(report, 'model.layers.0.q.weight').geometry.value?.rotationLeftMeanDeg, 8);
    assert.match(row(report, norm.name).geometry.reason ?? '', /^Not a matrix \(8\)/);
    const equal = row(report, 'model.layers.1.k.weight');
    assert.equal(equal.identical, true);
    assert.equal(equal.status, 'done');
    assert.match(equal.geometry.reason ?? '', /^Both sides are equal/);
    assert.equal(equal.verdicts.precision.verdict, 'masked');
    assert.equal(equal.verdicts.geometry.verdict, 'unknown');
  });

  it('pools counts and energies, weighs rotation by parameters, and never averages ratios', async () => {
    const { report } = await run({ tensors: small });
    const { precision, geometry, anchor } = report.summary;
    // Half of 64 and half of 128 elements changed; 8 + 64 did not: (64+128+8+64 − 96)/264, not the mean of shares.
    assert.equal(precision.value?.sparsityBf16, 168 / 264);
    // 8° on 64, 16° on 128 and 0° on the 64 equal parameters, the vector left out.
    assert.ok(geometry.value);
    assert.equal(geometry.value.rotationMeanDeg, (8 * 64 + 16 * 128) / 256);
    assert.equal(geometry.value.rotationMaxDeg, 16);
    assert.equal(geometry.value.matrices, 3);
    assert.equal(geometry.value.spectralDriftTopK?.toFixed(12), (0.01).toFixed(12));
    const delta = (tensor: FakeTensor): number =>
      tensor.base.reduce((sum, value, index) => sum + ((tensor.tuned[index] ?? 0) - value) ** 2, 0);
    const energy = small.reduce((sum, tensor) => sum + delta(tensor), 0);
    const base = small.reduce((sum, tensor) => sum + tensor.base.reduce((s, v) => s + v * v, 0), 0);
    assert.ok(Math.abs((anchor.value?.relativeDrift ?? 0) - Math.sqrt(energy / base)) < 1e-15);
    // Masks: sizes 19 and 38, inside 4 and 9 of them; 96 of 192 decomposed elements changed.
    assert.deepEqual(geometry.value.maskCounts.principal, { size: 57, changed: 13, changedExpected: null });
    assert.equal(geometry.value.principalLift, 13 / 57 / (96 / 192));
  });

  it('keeps the layers of other stacks apart, in reading order', async () => {
    const mtp: FakeTensor = { ...matrix(0, 'k', 8, 8), name: 'mtp.layers.0.k.weight', container: 'mtp' };
    const tensors = [matrix(0, 'q', 8, 8), matrix(1, 'q', 8, 8), mtp];
    const { report } = await run({ tensors });
    assert.deepEqual(
      report.layers.map(({ container, layer, label, tensors: count }) => [container, layer, label, count]),
      [
        [null, 0, 'Layer 0', 1],
        [null, 1, 'Layer 1', 1],
        ['mtp', 0, 'mtp · Layer 0', 1],
      ],
    );
    assert.deepEqual(
      report.tensors.map(({ container }) => container),
      [null, null, 'mtp'],
    );
    const [, csv] = reportCsv(report)
      .split('\r\n')
      .filter((line) => line.startsWith('m'));
    assert.match(csv ?? '', /^model.layers.1.q.weight,,,1,q,/);
    assert.match(reportCsv(report), /\nmtp.layers.0.k.weight,,mtp,0,k,/);
  });

  it('lists layers in order with the rest last, and module kinds in their own order', async () => {
    const head: FakeTensor = { ...matrix(0, 'head', 8, 8), name: 'lm_head.weight', layer: null };
    const { report } = await run({ tensors: [head, ...small.slice(2), ...small.slice(0, 2)] });
    assert.deepEqual(
      report.layers.map(({ layer, label }) => [layer, label]),
      [
        [0, 'Layer 0'],
        [1, 'Layer 1'],
        [null, 'Outside the layers'],
      ],
    );
    assert.deepEqual(
      report.modules.map(({ module }) => module),
      ['q', 'k', 'norm', 'head'],
    );
    assert.equal(
      report.layers.reduce((sum, { elements }) => sum + elements, 0),
      report.summary.elements,
    );
  });

  it('gives the same report whatever the number of threads and whoever waits', async () => {
    const reports = await Promise.all(
      [1, 8].map(async (threads) => {
        const slow = (): Promise<void> =>
          new Promise((resolve) => setTimeout(resolve, threads === 1 ? 3 : 0));
        const { report } = await run({ tensors: small, onStream: slow }, { threads });
        return comparable(report);
      }),
    );
    assert.deepEqual(reports[0], reports[1]);
  });

  it('holds only numbers that JSON holds', async () => {
    const huge: FakeTensor = { ...matrix(0, 'o', 2, 4), tuned: ramp(8, 1e300), dtype: 'F64' };
    const { report } = await run({ tensors: [...small, huge] });
    assert.deepEqual(JSON.parse(JSON.stringify(report)), report);
    assert.match(row(report, huge.name).anchor.reason ?? '', /deltaFrobenius is beyond what float64 holds/);
  });
});

describe('what to measure', () => {
  it('leaves out what does not match, and counts it as not compared', async () => {
    const { report } = await run({ tensors: small }, { match: '\\.q\\.' });
    assert.equal(report.tensors.length, 2);
    assert.equal(report.coverage.share, 192 / 264);
    assert.deepEqual(
      report.coverage.notCompared.map(({ reason }) => reason.code),
      ['not-selected', 'not-selected'],
    );
    assert.equal(report.summary.regime.name, 'inconclusive');
  });

  it('matches `layers.1` without taking `layers.10`', async () => {
    const tensors = [matrix(1, 'q', 8, 8), matrix(10, 'q', 8, 8)];
    const { report } = await run({ tensors }, { match: 'layers\\.1\\.' });
    assert.deepEqual(
      report.tensors.map(({ layer }) => layer),
      [1],
    );
  });

  it('refuses a filter that is no regular expression or matches nothing, and a pair with nothing in common', async () => {
    await assert.rejects(
      run({ tensors: small }, { match: '(' }),
      isProblem('usage', /not a regular expression/),
    );
    await assert.rejects(
      run({ tensors: small }, { match: 'nowhere' }),
      isProblem('nothing-to-compare', /None of the 4 tensors/),
    );
    await assert.rejects(run({ tensors: [] }), isProblem('nothing-to-compare', /no tensor in common/));
  });

  it('opens no matrix engine when geometry is not asked for, and says why a gate is missing', async () => {
    const openGemm = (): never => assert.fail('opened');
    const { report } = await run({ tensors: small, openGemm }, { gates: ['precision'] });
    assert.equal(report.engine.gemm, 'none');
    assert.equal(report.summary.geometry.reason, 'This gate was not selected for the analysis.');
    assert.equal(report.summary.anchor.value, null);
    assert.equal(report.summary.regime.name, 'inconclusive');
  });

  it('takes a stack of expert matrices apart, and leaves other solids and single rows alone', async () => {
    const experts: FakeTensor = { ...matrix(0, 'experts', 3, 32), shape: [3, 4, 8] };
    // The middle expert is equal on both sides: it costs no decomposition and rotates by 0°.
    experts.tuned.splice(32, 32, ...experts.base.slice(32, 64));
    const solid: FakeTensor = { ...matrix(0, 'other', 2, 32), name: 'conv', shape: [2, 4, 8] };
    const single: FakeTensor = { ...matrix(0, 'v', 1, 8), name: 'single' };
    const shapes: string[] = [];
    const { report } = await run({
      tensors: [experts, solid, single],
      onMeasure: (rows, columns) => void shapes.push(`${rows}×${columns}`),
    });
    assert.deepEqual(shapes, ['4×8', '4×8']);
    const geometry = row(report, experts.name).geometry.value;
    assert.equal(geometry?.matrices, 3);
    assert.equal(geometry.rotationLeftMeanDeg, (4 + 0 + 4) / 3);
    assert.equal(geometry.maskCounts.elements, 64);
    assert.equal(report.summary.geometry.value?.matrices, 3);
    assert.match(row(report, 'conv').geometry.reason ?? '', /nor a stack of expert matrices/);
    assert.match(row(report, 'single').geometry.reason ?? '', /single direction/);
  });

  it('compares integers for equality only and keeps them out of every pool', async () => {
    const ids: FakeTensor = {
      name: 'ids',
      shape: [4],
      dtype: 'I64',
      base: [1, 2, 3, 4],
      tuned: [1, 2, 3, 9],
    };
    const { report } = await run({ tensors: [...small, ids] });
    assert.equal(
      row(report, 'ids').precision.reason,
      'I64 and I64 elements are compared for equality only: 1 of 4 differ.',
    );
    assert.equal(report.summary.precision.value?.counts.compared, 264);
    assert.equal(report.coverage.compared, 264);
  });

  it('counts what is not finite, leaves it out of every number, and reports it', async () => {
    const hole: FakeTensor = { ...matrix(0, 'o', 1, 8), tuned: [NaN, Infinity, 1, 1, 1, 1, 1, 1] };
    const empty: FakeTensor = { ...matrix(0, 'v', 1, 2), tuned: [NaN, NaN] };
    const { report } = await run({ tensors: [hole, empty] });
    assert.equal(row(report, hole.name).precision.value?.counts.nonFinite, 2);
    assert.equal(row(report, hole.name).precision.value?.counts.compared, 6);
    assert.equal(row(report, empty.name).anchor.reason, 'Every element is NaN or infinite on one side.');
    const message =
      '4 weights are NaN, infinite or beyond the range of bf16 in the tuned checkpoint: ' +
      `${hole.name}, ${empty.name}. Whoever loads it gets broken numbers; they are left out of every metric.`;
    assert.deepEqual(
      report.problems.map(({ code, message: said }) => [code, said]),
      [['non-finite', message]],
    );
  });

  it('calls two equal checkpoints unchanged', async () => {
    const tensors = small.map((tensor) => ({ ...tensor, tuned: tensor.base }));
    const { report } = await run({ tensors });
    assert.equal(report.summary.regime.name, 'unchanged');
    assert.equal(report.engine.gemm, 'none');
  });
});

describe('training evidence', () => {
  const series: Pick<LogSeries, 'signal' | 'key' | 'file' | 'unit' | 'points'> = {
    signal: 'klReference',
    key: 'kl',
    file: 'trainer_state.json',
    unit: null,
    points: [],
  };

  it('turns a logged KL and the learning rates into their bounds', async () => {
    const log = { ...series, estimator: 'k3', last: 0.02, mean: 0.01, peak: 0.03, count: 9 };
    const { report } = await run({ tensors: small, training: { logs: [log], learningRateSum: 0.5 } });
    const delta = report.summary.anchor.value?.deltaFrobenius ?? 0;
    assert.equal(report.summary.kl.value?.last, 0.02);
    assert.equal(report.summary.meanCurvature, (2 * 0.02) / delta ** 2);
    assert.equal(report.summary.meanCurvatureUnit, 'per token');
    assert.equal(report.summary.stepEnvelope, (report.summary.anchor.value?.maxAbsDelta ?? 0) / 0.5);
  });

  it('makes a KL per token one per sequence where the response length is logged', async () => {
    const log = { ...series, estimator: 'k3', last: 0.002, mean: 0.01, peak: 0.03, count: 9 };
    const lengths: LogSeries = {
      ...log,
      ...{
        signal: 'responseLength',
        key: 'response_length/mean',
        unit: 'tokens',
        estimator: null,
        last: 300,
      },
    };
    const { report } = await run({ tensors: small, training: { logs: [lengths, log] } });
    const delta = report.summary.anchor.value?.deltaFrobenius ?? 0;
    assert.equal(report.summary.meanCurvature, (2 * 0.002 * 300) / delta ** 2);
    assert.equal(report.summary.meanCurvatureUnit, 'per sequence');
    assert.deepEqual(report.summary.meanCurvatureLength, {
      tokens: 300,
      key: 'response_length/mean',
      file: 'trainer_state.json',
    });
    const perSequence = { ...log, unit: 'nats per sequence' };
    const other = await run({ tensors: small, training: { logs: [lengths, perSequence] } });
    assert.equal(other.report.summary.meanCurvature, (2 * 0.002) / delta ** 2, 'it is one already');
    assert.equal(other.report.summary.meanCurvatureLength, null);
  });

  it('takes no curvature from a log that ends in NaN, and says how it ends', async () => {
    const log = { ...series, estimator: 'k3', last: 0.002, mean: 0.01, peak: 0.03, count: 9 };
    const ends = { signal: 'klReference' as const, key: 'kl', file: 'a.jsonl', step: 20, value: 'NaN' };
    const { report } = await run({
      tensors: small,
      training: { logs: [log], notFinite: [{ ...ends, everFinite: true }] },
    });
    assert.equal(report.summary.meanCurvature, null);
    assert.equal(report.summary.kl.value?.lastNotFinite, 'NaN at step 20');
    const never = await run({
      tensors: small,
      training: { logs: [], notFinite: [{ ...ends, everFinite: false }] },
    });
    assert.equal(never.report.summary.kl.value, null);
    assert.match(never.report.summary.kl.reason, /kl is NaN in a\.jsonl/);
  });

  it('bounds nothing with a KL estimate below zero, and holds no KL per sequence against the threshold', async () => {
    const low = { ...series, estimator: 'k1', last: -1e-9, mean: 0, peak: 0, count: 9 };
    const { report } = await run({ tensors: small, training: { logs: [low] } });
    assert.equal(report.summary.meanCurvature, null);
    assert.equal(report.summary.meanCurvatureUnit, null);
    const long = { ...low, unit: 'nats per sequence', last: 80, mean: 80, peak: 80 };
    const other = await run({ tensors: small, training: { logs: [long] } });
    assert.equal(other.report.summary.kl.value?.last, 80);
    assert.deepEqual(
      other.report.summary.gates.anchor.readings.map(({ metric }) => metric),
      ['relativeDrift'],
    );
  });

  it('never takes the KL of a step or between two engines for the KL to the reference', async () => {
    const step = {
      ...series,
      signal: 'klStep' as const,
      estimator: null,
      last: 1,
      mean: 1,
      peak: 1,
      count: 9,
    };
    const { report } = await run({ tensors: small, training: { logs: [step] } });
    assert.equal(report.summary.kl.value, null);
    assert.match(report.summary.kl.reason, /^Not measured/);
  });
});

describe('failures', () => {
  const broken = new ThreeGateError('file-truncated', 'model.safetensors ends before q.', { tensor: 'q' });

  it('makes an unreadable tensor a row with its problem and goes on', async () => {
    const { report } = await run({
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
    const { report } = await run({
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
    const events: RunEvent[] = [];
    const running = runAnalysis(request, ports, (event) => events.push(event), new AbortController().signal);
    await assert.rejects(running, down);
    assert.deepEqual([...ports.closed].sort(), ['decomposer', 'gemm', 'streamer']);
    assert.ok(events.every(({ kind }) => kind !== 'finished'));
  });

  it('measures Gates I and III without the matrix that cannot be allocated', async () => {
    const { report } = await run({
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
    const { report } = await run({ tensors: small, totalMemoryBytes: 1600 });
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
    const { report } = await run({ tensors: small, openGemm });
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
    const { report, events } = await run(
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
    const { report } = await run(
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

describe('the first layer', () => {
  const layers = [0, 0, 0, 1, 1].map((layer, i) => ({
    ...matrix(layer, 'q', 8 + i, 8),
    name: `model.layers.${layer}.${i}.weight`,
  }));

  it('is told whole before anything is decomposed, and again nothing twice, whatever memory there is', async () => {
    const plenty = await run({ tensors: layers });
    for (const memoryBytes of [1, 2 * 4 * 8 * 10, 2 ** 30]) {
      let toldAtFirst = -1;
      const told = new Set<string>();
      const streams = new Map<string, number>();
      const ports = fakePorts({
        tensors: layers,
        onStream: ({ name }, wantMatrices) => {
          if (wantMatrices) streams.set(name, (streams.get(name) ?? 0) + 1);
        },
        onMeasure: () => {
          if (toldAtFirst === -1) toldAtFirst = told.size;
        },
      });
      const request = {
        basePath: '/base',
        tunedPath: '/tuned',
        options: { ...defaultOptions, memoryBytes },
        configPaths: null,
      };
      const report = await runAnalysis(
        request,
        ports,
        (event) => {
          if (event.kind !== 'tensors') return;
          for (const { tensor } of event.changed) if (tensor.status !== 'pending') told.add(tensor.name);
        },
        new AbortController().signal,
      );
      assert.ok(toldAtFirst >= 3, `${toldAtFirst} of 3 with ${memoryBytes} bytes`);
      assert.deepEqual([...streams.values()], [1, 1, 1, 1, 1]);
      assert.deepEqual(comparable(report), comparable(plenty.report));
    }
  });

  it('says why of a tensor that could be counted but not read again', async () => {
    const { report } = await run(
      {
        tensors: layers,
        onStream: ({ name }, wantMatrices) => {
          if (name === layers[2]?.name && wantMatrices) throw new Error('gone');
        },
      },
      { memoryBytes: 1 },
    );
    const found = row(report, 'model.layers.0.2.weight');
    assert.equal(found.status, 'done');
    assert.notEqual(found.precision.value, null);
    assert.match(found.geometry.reason ?? '', /gone/);
    assert.equal(report.coverage.compared, report.coverage.elements);
  });
});

describe('memory', () => {
  it('reads ahead only as far as the budget lets matrices wait', async () => {
    const tensors = Array.from({ length: 6 }, (_, layer) => matrix(layer, 'q', 8, 8));
    const bytes = 2 * 4 * 64;
    for (const [budget, most] of [
      [1, 1],
      [bytes, 1],
      [3 * bytes, 3],
      [100 * bytes, 6],
    ] as const) {
      let held = 0;
      let peak = 0;
      const { report } = await run(
        {
          tensors,
          onStream: () => {
            held += 1;
            peak = Math.max(peak, held);
          },
          onMeasure: async () => {
            await new Promise((resolve) => setTimeout(resolve, 2));
            held -= 1;
          },
        },
        { memoryBytes: budget },
      );
      assert.equal(report.summary.geometry.value?.matrices, 6);
      assert.equal(peak, most, `with a budget of ${budget} bytes`);
    }
  });
});

function isProblem(code: string, message: RegExp): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof ThreeGateError);
    assert.equal(error.problem.code, code);
    assert.match(error.message, message);
    return true;
  };
}
