// The published statistics: of the genuine small runs, through the built command line, against float64 LAPACK
// (test/fixtures/published), and of made-up matrices, where counting each of them once shows.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { PublishedPool, representativeStep } from '../../../src/engine/analysis/publishedPool.ts';
import { planAnalysis } from '../../../src/engine/analysis/plan.ts';
import type { MeasuredMatrix } from '../../../src/engine/gates/geometry.ts';
import type { AnalysisOptions } from '../../../src/shared/options/options.ts';
import { defaultOptions } from '../../../src/shared/options/catalogue.ts';
import type {
  PublishedCurve,
  PublishedMasks,
  PublishedStatistics,
} from '../../../src/shared/report/publishedStatistics.ts';
import type { Report } from '../../../src/shared/report/report.ts';
import { fakeGeometry, fakePorts, matrix } from './fakes.ts';
import type { Step } from '../../../src/engine/analysis/step.ts';

interface Expected {
  matrices: number;
  spectralDriftFull: number;
  maxAngleDeg: { max: number; median: number };
  masks: PublishedMasks;
  masked: number;
  angleCurve: PublishedCurve;
}

const { pairs } = JSON.parse(readFileSync('test/fixtures/published/expected.json', 'utf8')) as {
  pairs: Record<string, Expected>;
};

function analyze(run: string, ...more: string[]): Report {
  const nano = 'test/fixtures/nano';
  const args = [
    'dist/cli.cjs',
    'analyze',
    `${nano}/base`,
    `${nano}/${run}`,
    '--json',
    '-',
    '--no-cache',
    ...more,
  ];
  const { stdout, stderr, status } = spawnSync(process.execPath, args, {
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout) as Report;
}

function close(found: number | undefined, wanted: number, what: string): void {
  assert.ok(
    found !== undefined && Math.abs(found - wanted) <= 1e-6 * Math.abs(wanted),
    `${what}: ${found}, ${wanted}`,
  );
}

for (const [run, expected] of Object.entries(pairs)) {
  describe(`the published statistics of nano ${run}`, () => {
    it('are LAPACK’s with the profile that asks for them', () => {
      const { published, summary } = analyze(run, '--profile', 'published');
      assert.ok(published !== null);
      assert.equal(published.matrices, expected.matrices);
      assert.equal(published.sparsityBf16.value, summary.precision.value?.sparsityBf16);
      close(published.spectralDriftFull.value ?? undefined, expected.spectralDriftFull, 'drift');
      close(published.maxAngleDeg.value?.max, expected.maxAngleDeg.max, 'largest angle');
      close(published.maxAngleDeg.value?.median, expected.maxAngleDeg.median, 'median angle');
      assert.equal(published.masks.computed, expected.masked);
      for (const name of [
        'lowMagnitudeOverlap',
        'lowMagnitudeLift',
        'principalOverlap',
        'principalLift',
      ] as const) {
        close(published.masks.value?.[name], expected.masks[name], name);
      }
      const curve = published.angleCurve.value;
      assert.ok(curve !== null);
      assert.deepEqual(
        [curve.name, curve.rank, curve.layer],
        [expected.angleCurve.name, expected.angleCurve.rank, 2],
      );
      for (const side of ['leftDeg', 'rightDeg'] as const) {
        assert.equal(curve[side].length, curve.rank);
        expected.angleCurve[side].forEach((angle, i) => {
          close(curve[side][i], angle, `${side} ${i}`);
        });
      }
    });
  });
}

describe('the default profile', () => {
  it('gives what costs nothing more, changes no other number, and says what is not there', () => {
    const [plain, asked] = [analyze('sft'), analyze('sft', '--profile', 'published')];
    assert.deepEqual(plain.summary, asked.summary);
    assert.deepEqual(plain.tensors, asked.tensors);
    const { published } = plain;
    assert.deepEqual(published?.spectralDriftFull, asked.published?.spectralDriftFull);
    assert.deepEqual(published?.maxAngleDeg, asked.published?.maxAngleDeg);
    for (const { value, computed, reason } of [published!.masks, published!.angleCurve]) {
      assert.deepEqual([value, computed], [null, 0]);
      assert.match(reason ?? '', /profile "published" only/);
    }
  });
});

const shapes = [
  [matrix(0, 'k', 8, 8), matrix(0, 'q', 8, 8)],
  [matrix(1, 'q', 8, 4), matrix(1, 'down', 4, 8)],
  [matrix(2, 'q', 8, 8)],
].flat();

function stepsOf(options: AnalysisOptions): Step[] {
  const ports = fakePorts({ tensors: shapes });
  const side = { tensors: [] } as never;
  return planAnalysis(ports.pairCheckpoints(side, side), options, ports.machine).steps;
}

/** A matrix of which nothing but these numbers counts. */
function part(drift: number | null, angle: number, inside: number, changed: number): MeasuredMatrix {
  const plain = fakeGeometry(new Float32Array(64), new Float32Array(64), 8, 8);
  const count = { size: 20, changed: inside, changedExpected: null };
  return {
    metrics: {
      ...plain,
      spectralDriftFull: drift,
      rotationLeftMaxDeg: angle,
      rotationRightMaxDeg: angle / 2,
    },
    elements: 64,
    deltaEnergy: 1,
    baseEnergy: 1,
    draws: 'Made-up numbers have no null.',
    published: {
      masks: { ...plain.maskCounts, changed, principal: count, lowMagnitude: count },
      curve: { rank: 4, leftDeg: [1], rightDeg: [2] },
    },
  };
}

const precision = { value: { sparsityBf16: 0.5 }, reason: null };
const asked: AnalysisOptions = { ...defaultOptions, profile: 'published' };

function statisticsOf(fill: (pool: PublishedPool) => void, options = asked): PublishedStatistics {
  const pool = new PublishedPool(stepsOf(options), options);
  fill(pool);
  const found = pool.statistics(precision);
  assert.ok(found !== null);
  return found;
}

describe('means over matrices', () => {
  it('count every matrix once, whatever its size, and equal ones with no drift and no angle', () => {
    const found = statisticsOf((pool) => {
      pool.add(0, [part(0.1, 4, 10, 20)]);
      pool.add(1, [part(0.2, 1, 1, 10)]);
      pool.addEqual(2, 1);
      pool.add(3, [null]);
      pool.add(4, [part(0.3, 2, 3, 10)]);
    });
    close(found.spectralDriftFull.value ?? undefined, 0.12, 'drift');
    assert.deepEqual([found.spectralDriftFull.computed, found.spectralDriftFull.reason], [5, null]);
    assert.deepEqual(found.maxAngleDeg.value, { max: 4, median: 1 });
    close(found.masks.value?.principalOverlap, (0.5 + 0.1 + 0.3) / 3, 'overlap');
    close(found.masks.value?.principalLift, (0.5 + 0.1 + 0.3) / 3 / 0.3, 'lift');
    assert.equal(found.masks.computed, 3);
    assert.match(found.masks.reason ?? '', /^2 did not change in bf16/);
  });

  it('never mix in what was not computed, and say how many that are', () => {
    const found = statisticsOf(
      (pool) => {
        pool.add(0, [{ ...part(null, 4, 10, 20), published: null }]);
        pool.add(2, [part(0.2, 2, 1, 10)]);
      },
      { ...defaultOptions },
    );
    assert.deepEqual([found.spectralDriftFull.value, found.spectralDriftFull.computed], [0.2, 1]);
    assert.match(found.spectralDriftFull.reason ?? '', /^3 matrices were not measured\. Computed for every/);
    assert.deepEqual([found.maxAngleDeg.value?.median, found.maxAngleDeg.computed], [3, 2]);
    assert.equal(found.masks.computed, 1);
  });

  it('are nothing without a matrix, and the sparsity nothing at another tolerance', () => {
    assert.equal(new PublishedPool([], asked).statistics(precision), null);
    const found = statisticsOf(() => undefined, { ...asked, eta: 1e-2 });
    assert.equal(found.sparsityBf16.value, null);
    assert.match(found.sparsityBf16.reason ?? '', /η = 0\.001, and here it is 0\.01/);
    assert.equal(found.spectralDriftFull.value, null);
  });
});

describe('the matrix of the angle curve', () => {
  it('is the query projection of the middle layer, marked only when it is asked for', () => {
    assert.equal(representativeStep(stepsOf(asked))?.pair.name, shapes[2]?.name);
    assert.deepEqual(
      stepsOf(asked).map(({ angleCurve }) => angleCurve),
      [false, false, true, false, false],
    );
    assert.ok(stepsOf(defaultOptions).every(({ angleCurve }) => !angleCurve));
  });

  it('says why there is no curve', () => {
    const curve = (fill: (pool: PublishedPool) => void): string => statisticsOf(fill).angleCurve.reason ?? '';
    assert.match(
      curve(() => undefined),
      /was not measured/,
    );
    assert.match(
      curve((pool) => {
        pool.addEqual(2, 1);
      }),
      /equal on both sides/,
    );
    assert.match(
      curve((pool) => {
        pool.add(2, [{ ...part(0, 0, 1, 2), published: null }]);
      }),
      /more than 8192/,
    );
  });
});
