import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { learningRateFacts } from '../../../src/engine/trainingConfig/learningRate.ts';
import { looksLikeConsole, readConsole } from '../../../src/engine/trainingConfig/logs/consoleLog.ts';
import { maskedCrc32c } from '../../../src/engine/trainingConfig/logs/crc32c.ts';
import { readJsonLines, readTrainerState } from '../../../src/engine/trainingConfig/logs/jsonLogs.ts';
import { notFiniteOf, seriesOf, type LogTable } from '../../../src/engine/trainingConfig/logs/series.ts';
import { meaningOf, type LogContext } from '../../../src/engine/trainingConfig/logs/signals.ts';
import { readEvents } from '../../../src/engine/trainingConfig/logs/tensorBoard.ts';
import { readWandbSummary } from '../../../src/engine/trainingConfig/logs/wandbSummary.ts';
import type { LogSeries } from '../../../src/shared/report/training.ts';

const configs = 'test/fixtures/configs';
const events = 'test/fixtures/logs/events.out.tfevents.1700000000.fixture.1.0';
const context: LogContext = { algorithm: 'GRPO', framework: 'TRL', klEstimator: null };

function signal(table: LogTable, name: LogSeries['signal']): LogSeries {
  const found = seriesOf(table, context).find((series) => series.signal === name);
  assert.ok(found, name);
  return found;
}

describe('the three KLs', () => {
  const cases: readonly (readonly [string, Partial<LogContext>, string | null, string | null])[] = [
    ['kl', {}, 'klReference', 'k3'],
    ['train/kl', {}, 'klReference', 'k3'],
    ['kl', { algorithm: 'RLOO' }, 'klReference', 'k1'],
    ['kl', { algorithm: 'AsyncGRPO' }, 'klMismatch', null],
    ['kl', { framework: 'OpenRLHF', algorithm: null, klEstimator: 'k2' }, 'klReference', 'k2'],
    ['actor/kl_loss', { klEstimator: 'mse' }, 'klReference', 'mse'],
    ['actor/kl_loss', {}, 'klReference', 'low_var_kl'],
    ['critic/kl', {}, 'klReference', 'k1'],
    ['objective/kl', {}, 'klReference', 'k1'],
    ['actor/ppo_kl', {}, 'klStep', 'k1'],
    ['train/ppo_kl', {}, 'klStep', 'k1'],
    ['policy/approxkl_avg', {}, 'klStep', 'k2'],
    ['approx_policy_kl', {}, 'klStep', 'k1'],
    ['rollout_corr/kl', {}, 'klMismatch', 'k1'],
    ['mismatch_kl/all/mean', {}, 'klMismatch', null],
    ['gen_kl_error', {}, 'klMismatch', null],
    ['val-core/gsm8k', {}, null, null],
    ['__proto__', {}, null, null],
  ];
  for (const [key, changes, expected, estimator] of cases) {
    it(`${key} of ${JSON.stringify(changes)} is ${expected ?? 'none'}`, () => {
      const meaning = meaningOf(key, { ...context, ...changes });
      assert.equal(meaning?.signal ?? null, expected);
      assert.equal(meaning?.estimator ?? null, estimator);
    });
  }

  it('are in nats per sequence where the log sums over tokens', () => {
    assert.equal(meaningOf('objective/kl', context)?.unit, 'nats per sequence');
    assert.equal(meaningOf('kl', context)?.unit, 'nats per token');
  });
});

describe('console logs', () => {
  const escape = String.fromCharCode(27);
  const verl: LogContext = { algorithm: 'grpo', framework: 'verl', klEstimator: null };
  const lines = [
    'Training Progress:   0%|          | 0/60 [00:00<?, ?it/s]',
    'step:1 - actor/kl_loss:0.001 - actor/lr:1e-06 - critic/score/mean:0.5 - val-core/a/acc:0.9',
    `${escape}[36m(TaskRunner pid=4711)${escape}[0m step:2 - actor/kl_loss:np.float64(0.002) - response_length/mean:310.5`,
    "(main_task pid=8, ip=10.0.0.1) ('step:9 - actor/kl_loss:9 in a sentence', 1)",
    '(WorkerDict pid=9) the next step: 3 - not a row',
    '(TaskRunner pid=4711) step:3 - actor/kl_loss:0.003 - timing_s/gen:12.5 - actor/grad_norm:nan\r',
    'step:4 - no pairs here',
  ];

  it('of verl give one row per step, behind prefixes and colours', () => {
    const { table, problems } = readConsole('train.log', lines.join('\n'));
    assert.deepEqual(problems, []);
    assert.deepEqual(
      table.rows.map(({ step }) => step),
      [1, 2, 3],
    );
    const kl = seriesOf(table, verl).find((series) => series.signal === 'klReference');
    assert.deepEqual(kl?.points, [
      [1, 0.001],
      [2, 0.002],
      [3, 0.003],
    ]);
    assert.deepEqual(table.rows[0]?.values, {
      'actor/kl_loss': 0.001,
      'actor/lr': 1e-6,
      'critic/score/mean': 0.5,
    });
    assert.equal(table.rows[1]?.values['response_length/mean'], 310.5);
  });

  it('of torchtune give the same', () => {
    const { table } = readConsole('log_1700000000.txt', 'Step 7 | loss:0.25 lr:2e-05 kl_loss:1e-3\nother\n');
    assert.deepEqual(table.rows, [{ step: 7, values: { loss: 0.25, lr: 2e-5, kl_loss: 1e-3 } }]);
  });

  it('without such a line are said to be none', () => {
    assert.equal(looksLikeConsole('step one\nstep: 3\n'), false);
    assert.match(readConsole('a.log', 'nothing\n').problems[0]?.message ?? '', /a\.log holds no line like/);
  });

  it('that end in NaN are told from those that recover', () => {
    const ends = (text: string): unknown =>
      notFiniteOf(readConsole('a.log', text).table, verl).map(({ key, step, value, everFinite }) => [
        ...[key, step, value, everFinite],
      ]);
    assert.deepEqual(ends('step:1 - actor/kl_loss:0.1\nstep:2 - actor/kl_loss:nan'), [
      ['actor/kl_loss', 2, 'NaN', true],
    ]);
    assert.deepEqual(ends('step:1 - actor/kl_loss:inf'), [['actor/kl_loss', 1, 'Infinity', false]]);
    assert.deepEqual(ends('step:1 - actor/kl_loss:nan\nstep:2 - actor/kl_loss:0.1'), []);
    const summary = readWandbSummary('w.json', '{"_step": 3, "actor/kl_loss": "NaN", "name": "Nancy"}');
    assert.deepEqual(
      notFiniteOf(summary.table, verl).map(({ value }) => value),
      ['NaN'],
    );
  });
});

describe('trainer_state.json', () => {
  it('of a real GRPO run gives KL, reward, learning rate and gradient norm per step', () => {
    const file = `${configs}/trainer_state/grpo-llama3.1-8b-step250.trainer_state.json`;
    const { table, problems, globalStep } = readTrainerState(file, readFileSync(file, 'utf8'));
    assert.deepEqual(problems, []);
    assert.equal(globalStep, 250);
    const kl = signal(table, 'klReference');
    assert.equal(kl.count, 250);
    assert.deepEqual(kl.points[2], [3, 0.00023205635079648346]);
    assert.equal(signal(table, 'learningRate').points[0]?.[1], 2.0000000000000002e-7);
    assert.equal(signal(table, 'gradNorm').points[1]?.[1], 0.6520445942878723);
    assert.equal(signal(table, 'reward').count, 250);
  });

  it('of a real KTO run keeps its rows apart from evaluation', () => {
    const file = `${configs}/trainer_state/kto-gpt2-step500.trainer_state.json`;
    const { table } = readTrainerState(file, readFileSync(file, 'utf8'));
    const kto = seriesOf(table, { ...context, algorithm: 'KTO' });
    assert.equal(kto.find((series) => series.signal === 'klReference')?.unit, 'nats per sequence');
    assert.ok(kto.every((series) => !series.key.startsWith('eval')));
  });

  it('survives NaN, and a file that is cut off', () => {
    const text = '{"log_history": [{"step": 1, "kl": 0.5}, {"step": 2, "kl": NaN}, {"step": 3, "kl": 0.7}';
    const { table, problems } = readTrainerState('s.json', text);
    assert.deepEqual(signal(table, 'klReference').points, [
      [1, 0.5],
      [3, 0.7],
    ]);
    assert.match(problems[0]?.message ?? '', /^s\.json:1: ends in the middle of a value/);
  });

  it('says when the last KL is no number, however it is written', () => {
    for (const [written, said] of [
      ['NaN', 'NaN'],
      ['"NaN"', 'NaN'],
      ['-Infinity', '-Infinity'],
      ['"inf"', 'Infinity'],
    ]) {
      const row = `{"step": 2, "kl": ${written}, "loss": NaN}`;
      const { table } = readTrainerState('s.json', `{"log_history": [{"step": 1, "kl": 0.5}, ${row}]}`);
      assert.equal(signal(table, 'klReference').last, 0.5);
      const broken = notFiniteOf(table, context).filter((one) => one.signal === 'klReference');
      assert.deepEqual(
        broken.map(({ key, step, value }) => [key, step, value]),
        [['kl', 2, said]],
      );
    }
  });

  it('says nothing of a KL that came back', () => {
    const rows = '{"step": 1, "kl": NaN}, {"step": 2, "kl": 0.5}';
    const { table } = readTrainerState('s.json', `{"log_history": [${rows}]}`);
    assert.deepEqual(notFiniteOf(table, context), []);
  });
});

describe('lines of JSON', () => {
  it("of LLaMA-Factory's trainer log", () => {
    const file = `${configs}/llamafactory/trainer_log_dpo.jsonl`;
    const { table, problems } = readJsonLines(file, readFileSync(file, 'utf8'));
    assert.deepEqual(problems, []);
    const rate = signal(table, 'learningRate');
    assert.equal(rate.key, 'lr');
    assert.equal(rate.count, 202);
    assert.deepEqual(rate.points[0], [1, 9.803921568627451e-10]);
  });

  it("of verl's file logger", () => {
    const text =
      '{"step":1,"data":{"actor/kl_loss":0.001,"actor/ppo_kl":2e-5,"actor/lr":1e-6}}\n\nnot json\n';
    const { table, problems } = readJsonLines('v.jsonl', text);
    const read = seriesOf(table, context).map((series) => [series.signal, series.last]);
    assert.deepEqual(read, [
      ['klReference', 0.001],
      ['klStep', 2e-5],
      ['learningRate', 1e-6],
    ]);
    assert.match(problems[0]?.message ?? '', /^v\.jsonl:3: 1 of 4 lines/);
  });
});

describe('TensorBoard events', () => {
  it('written by TensorBoard itself, as simple values and as tensors', () => {
    const { table, problems } = readEvents(events, readFileSync(events));
    assert.deepEqual(problems, []);
    const kl = signal(table, 'klReference');
    assert.equal(kl.key, 'train/kl');
    assert.equal(kl.count, 600);
    assert.equal(kl.points.length, 512);
    assert.deepEqual(kl.points[0], [1, Math.fround(1e-5)]);
    assert.deepEqual(kl.points[511], [600, Math.fround(600e-5)]);
    assert.equal(signal(table, 'gradNorm').last, 2.5);
    assert.equal(signal(table, 'reward').last, 1);
  });

  it('end quietly where the file is still being written, and with a problem where it is damaged', () => {
    const bytes = readFileSync(events);
    const cut = readEvents(events, bytes.subarray(0, bytes.length - 3));
    assert.deepEqual(cut.problems, []);
    const damaged = new Uint8Array(bytes);
    damaged[5000] = (damaged[5000] ?? 0) ^ 0xff;
    const { problems, table } = readEvents(events, damaged);
    assert.match(problems[0]?.message ?? '', /the record at byte \d+ is damaged/);
    assert.ok(table.rows.length > 5);
  });

  it('are checked by CRC-32C', () => {
    // The check value 0xe3069283 of RFC 3720, masked: rotated right by 15 bits, plus 0xa282ead8.
    assert.equal(maskedCrc32c(new TextEncoder().encode('123456789')), 0xc78ab0e5);
  });
});

describe("W&B's local summary", () => {
  it('gives one point a metric', () => {
    const { table } = readWandbSummary(
      'w.json',
      '{"_step": 9, "train/kl": 0.02, "train/global_step": 400, "name": "x"}',
    );
    assert.deepEqual(signal(table, 'klReference').points, [[400, 0.02]]);
  });
});

describe('learning-rate facts', () => {
  const entries = (
    schedule: string,
    warmup: number,
    maxSteps: number,
  ): Parameters<typeof learningRateFacts>[1] =>
    (
      [
        ['learningRate', 2e-6],
        ['schedule', schedule],
        ['warmup', warmup],
        ['maxSteps', maxSteps],
      ] as const
    ).map(([concept, value]) => ({
      concept,
      value,
      key: concept,
      origin: 'stated',
      defaultNote: null,
      gate: null,
      location: null,
      valueLocation: null,
    }));
  const logged = (points: [number, number][]): LogSeries => ({
    signal: 'learningRate',
    key: 'lr',
    file: 'x',
    estimator: null,
    unit: null,
    points,
    last: 0,
    mean: 0,
    peak: 0,
    count: points.length,
  });
  const near = (found: number | null, expected: number): void => {
    assert.ok(found !== null && Math.abs(found - expected) <= 1e-9 * expected, `${found} is not ${expected}`);
  };

  it('sum a log row by row, linearly between sparse rows, up to the checkpoint', () => {
    const rows: [number, number][] = [
      [1, 1e-6],
      [2, 3e-6],
      [3, 2e-6],
    ];
    near(learningRateFacts(logged(rows), [], null).learningRateSum, 6e-6);
    near(learningRateFacts(logged(rows), [], 2).learningRateSum, 4e-6);
    near(
      learningRateFacts(
        logged([
          [1, 1e-6],
          [5, 5e-6],
        ]),
        [],
        null,
      ).learningRateSum,
      15e-6,
    );
    near(learningRateFacts(logged([[10, 4e-6]]), [], 12).learningRateSum, 48e-6);
  });

  it('sum a schedule where there is no log', () => {
    near(learningRateFacts(null, entries('constant', 0, 100), null).learningRateSum, 2e-4);
    near(
      learningRateFacts(null, entries('constant_with_warmup', 10, 100), null).learningRateSum,
      2e-6 * (5.5 + 90),
    );
    near(
      learningRateFacts(null, entries('linear', 0, 4), null).learningRateSum,
      2e-6 * (1 + 0.75 + 0.5 + 0.25),
    );
    near(learningRateFacts(null, entries('constant', 0, 100), 40).learningRateSum, 8e-5);
    near(learningRateFacts(null, entries('cosine', 0, 2), null).learningRateSum, 2e-6 * 1.5);
  });

  it('stay unknown for schedules and lengths that are', () => {
    assert.equal(learningRateFacts(null, entries('inverse_sqrt', 0, 10), null).learningRateSum, null);
    const open = learningRateFacts(null, entries('constant', 0, -1), null);
    assert.deepEqual(open, { learningRatePeak: 2e-6, learningRateSum: null, steps: null });
  });
});
