// The built `three-gate runs` on small pieces of genuine runs: overlaps and consensus against numpy, trajectories
// against the analyses of the same checkpoints one by one.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Report } from '../../../src/shared/report/report.ts';
import type {
  ConsensusMap,
  OverlapPool,
  PairOverlap,
  RunsReport,
} from '../../../src/shared/report/runsReport.ts';

const root = resolve(import.meta.dirname, '../../..');
const fixtures = join(root, 'test/fixtures/runs');
const base = join(fixtures, 'base');
const scratch = mkdtempSync(join(tmpdir(), 'three-gate-runs-'));

type ExpectedPool = Pick<OverlapPool, 'compared' | 'changed' | 'byRuns'> & {
  pairs: Pick<PairOverlap, 'intersection' | 'union' | 'jaccard' | 'expected'>[];
};
interface Expected {
  runs: string[];
  whole: ExpectedPool;
  layer1: ExpectedPool;
  tensors: Record<string, ExpectedPool & { consensus?: ConsensusMap }>;
}
const expected = JSON.parse(readFileSync(join(fixtures, 'expected.json'), 'utf8')) as Expected;
const paths = expected.runs.map((run) => join(fixtures, run));

after(() => {
  rmSync(scratch, { recursive: true });
});

function threeGate(...args: string[]): Promise<{ status: number; stdout: string; stderr: string }> {
  const env = { ...process.env, XDG_CACHE_HOME: join(scratch, 'cache') };
  return new Promise((settle) => {
    execFile(
      process.execPath,
      [join(root, 'dist/cli.cjs'), ...args],
      { cwd: scratch, env, maxBuffer: 1 << 26 },
      (error, stdout, stderr) => {
        settle({ status: error === null ? 0 : Number(error.code), stdout, stderr });
      },
    );
  });
}

async function runsOf(...args: string[]): Promise<RunsReport> {
  const { status, stdout, stderr } = await threeGate('runs', ...args, '--no-cache', '--json', '-');
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout) as RunsReport;
}

function assertPool(found: Omit<OverlapPool, 'tensors'> | undefined, wanted: ExpectedPool): void {
  assert.ok(found !== undefined);
  const { compared, changed, byRuns, nonFinite } = found;
  assert.deepEqual({ compared, changed, byRuns, nonFinite }, { ...pick(wanted), nonFinite: 0 });
  for (const [at, pair] of wanted.pairs.entries()) {
    const counted: PairOverlap = found.pairs[at]!;
    const random = counted.expected;
    assert.deepEqual(
      [counted.intersection, counted.union, counted.jaccard],
      [pair.intersection, pair.union, pair.jaccard],
    );
    if (pair.expected === null) assert.ok(random === null && counted.reason !== null);
    else assert.ok(random !== null && Math.abs(random - pair.expected) <= 1e-14 * pair.expected);
  }
}

function pick({ compared, changed, byRuns }: ExpectedPool): object {
  return { compared, changed, byRuns };
}

describe('three-gate runs', () => {
  let report: RunsReport;
  before(async () => {
    report = await runsOf(base, ...paths);
  });

  it('counts what numpy counts, in every tensor and every pool', () => {
    const { value } = report.overlap;
    assert.ok(value !== null);
    assert.deepEqual(value.tensors.map(({ name }) => name).sort(), Object.keys(expected.tensors).sort());
    for (const tensor of value.tensors) assertPool(tensor, expected.tensors[tensor.name]!);
    assertPool(value.whole, expected.whole);
    assertPool(
      value.layers.find(({ layer }) => layer === 1),
      expected.layer1,
    );
    const head = value.modules.find(({ module }) => module === 'head');
    assertPool(head, expected.tensors['lm_head.weight']!);
  });

  it('says how many runs touch each band of rows and columns', () => {
    for (const { name, consensus } of report.overlap.value?.tensors ?? []) {
      assert.deepEqual(consensus, expected.tensors[name]?.consensus ?? null, name);
    }
    const wide = report.overlap.value?.tensors.find(({ shape }) => shape[1] === 344);
    assert.equal(wide?.consensus?.columnMean.length, 256);
  });

  it('expects more of runs whose tensors differ in density than of a single pool', () => {
    const { whole, tensors } = report.overlap.value!;
    const [pair] = whole.pairs;
    let [both, either] = [0, 0];
    for (const { compared, changed } of tensors) {
      const [p, q] = [changed[0]! / compared, changed[1]! / compared];
      both += compared * p * q;
      either += compared * (p + q - p * q);
    }
    assert.ok(Math.abs(pair!.expectedByTensor! - both / either) < 1e-14);
    assert.ok(pair!.expectedByTensor! > pair!.expected!);
  });

  it('prints the pairs beside chance, and one CSV row per pair and pool', async () => {
    const { status, stdout } = await threeGate(
      'runs',
      base,
      ...paths.slice(0, 2),
      '--csv',
      'runs.csv',
      '--no-cache',
    );
    assert.equal(status, 0);
    const [pair] = expected.whole.pairs;
    assert.match(stdout, new RegExp(`rl-a ∩ rl-b .* ${pair!.jaccard!.toPrecision(3)} `));
    assert.match(
      stdout,
      /The two runs overlap by 0\.\d+, where masks of their sizes thrown at random would by 0\.\d+/,
    );
    const rows = readFileSync(join(scratch, 'runs.csv'), 'utf8').trimEnd().split('\r\n');
    // The model, three layers (outside counts as one), five kinds, five tensors.
    assert.equal(rows.length, 1 + 1 + 3 + 5 + 5);
    assert.match(rows[1]!, new RegExp(`^whole,,rl-a,rl-b,.*,${String(pair!.jaccard)},`));
  });

  it('finds a run to overlap wholly with itself, and nothing where nothing changed', async () => {
    const same = await runsOf(base, paths[0]!, paths[0]!);
    const [pair] = same.overlap.value!.whole.pairs;
    assert.equal(pair!.jaccard, 1);
    assert.equal(pair!.intersection, expected.whole.changed[0]);
    const none = await runsOf(base, base, base);
    const [empty] = none.overlap.value!.whole.pairs;
    assert.deepEqual(
      [empty!.union, empty!.jaccard, empty!.expected, empty!.reason],
      [0, null, null, 'Neither run changed an element.'],
    );
  });

  it('leaves out a tensor that a run holds in another shape, and says which run', async () => {
    const other = join(scratch, 'other');
    cpSync(paths[1]!, other, { recursive: true });
    const file = join(other, 'model.safetensors');
    const bytes = readFileSync(file);
    const at = bytes.indexOf('"shape": [128, 344]');
    assert.ok(at > 0);
    bytes.write('"shape": [344, 128]', at);
    writeFileSync(file, bytes);
    const found = await runsOf(base, paths[0]!, other);
    const { tensors, notCompared } = found.overlap.value!;
    assert.equal(tensors.length, 4);
    assert.deepEqual(
      notCompared.map(({ run, name, reason }) => [run, name, reason.code]),
      [[1, 'model.layers.1.mlp.down_proj.weight', 'shape-mismatch']],
    );
  });

  it('exits with 2 and one sentence for a call that makes no sense', async () => {
    const many = Array.from({ length: 13 }, () => paths[0]!);
    const cases: [string[], RegExp][] = [
      [[base, paths[2]!], /Two runs are needed, or one folder of checkpoints by step/],
      [[base, ...many], /13 runs were given; at most 12/],
      [[base, paths[0]!, paths[1]!, '--match', 'none'], /no floating-point tensor that matches \/none\//],
      [[base, paths[0]!, 'nowhere'], /nowhere/],
    ];
    for (const [args, message] of cases) {
      const { status, stdout, stderr } = await threeGate('runs', ...args);
      assert.deepEqual([status, stdout], [2, ''], args.join(' '));
      assert.match(stderr, message);
    }
  });
});

describe('three-gate runs over time', () => {
  it('gives at every step what an analysis of that checkpoint gives, in the order of steps', async () => {
    const { trajectories, overlap } = await runsOf(base, join(fixtures, 'rl-a'));
    assert.equal(overlap.reason, 'An overlap needs two runs; one was given.');
    const [trajectory] = trajectories;
    assert.deepEqual(
      trajectory?.points.map(({ step }) => step),
      [50, 100, 200, 400],
    );
    for (const point of trajectory.points) {
      const { status, stdout } = await threeGate('analyze', base, point.path, '--no-cache', '--json', '-');
      assert.equal(status, 0);
      const { summary } = JSON.parse(stdout) as Report;
      assert.equal(point.sparsityBf16, summary.precision.value?.sparsityBf16);
      assert.equal(point.relativeDrift, summary.anchor.value?.relativeDrift);
      assert.equal(point.spectralDriftTopK, summary.geometry.value?.spectralDriftTopK);
      assert.equal(point.rotationMeanDeg, summary.geometry.value?.rotationMeanDeg);
      assert.ok(summary.kl.value !== null);
      assert.equal(point.kl, summary.kl.value.last);
      assert.equal(point.regime, summary.regime.name);
    }
  });

  it('reads the folders that verl writes: global_step_N with the weights further in', async () => {
    const run = join(scratch, 'verl');
    for (const step of [50, 100, 200]) {
      const place = join(run, `global_step_${step}/actor/huggingface`);
      cpSync(join(fixtures, `rl-a/checkpoint-${step}`), place, { recursive: true });
    }
    writeFileSync(join(run, 'latest_checkpointed_iteration.txt'), '200');
    const { trajectories, runs } = await runsOf(base, run);
    const own = await runsOf(base, join(fixtures, 'rl-a'));
    const [trajectory] = trajectories;
    assert.deepEqual(
      trajectory?.points.map(({ step }) => step),
      [50, 100, 200],
    );
    assert.deepEqual(
      trajectory.points.map(({ sparsityBf16, kl }) => [sparsityBf16, kl]),
      own.trajectories[0]?.points.slice(0, 3).map(({ sparsityBf16, kl }) => [sparsityBf16, kl]),
    );
    assert.equal(runs[0]?.step, 200);
    // Beside another run, its last step stands for it.
    const beside = await runsOf(base, run, join(fixtures, 'rl-a/checkpoint-200'));
    assert.equal(beside.overlap.value?.whole.pairs[0]?.jaccard, 1);
  });
});
