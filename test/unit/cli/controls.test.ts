// What no verdict may claim: noise of the size of every genuine run reads `as random` in all five readings and in the unchanged
// share, and neither noise nor a supervised run of small steps gets a sentence that names a way of training from its weights.
// The genuine runs keep their ranges and what they show beyond their size.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, describe, it } from 'node:test';
import { promisify } from 'node:util';
import type { Report } from '../../../src/shared/report/report.ts';
import type { BeyondWord } from '../../../src/shared/report/verdicts.ts';
import { writeNoiseLike } from '../../support/noiseLike.ts';

const root = resolve(import.meta.dirname, '../../..');
const fixtures = join(root, 'test/fixtures');
const scratch = mkdtempSync(join(tmpdir(), 'three-gate-controls-'));

after(() => {
  rmSync(scratch, { recursive: true });
});

async function analyze(base: string, tuned: string, ...flags: string[]): Promise<Report> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [join(root, 'dist/cli.cjs'), 'analyze', base, tuned, '--json', '-', '--no-cache', '--quiet', ...flags],
    { maxBuffer: 1 << 28 },
  );
  return JSON.parse(stdout) as Report;
}

function words({ summary }: Report): Record<string, BeyondWord> {
  const { geometry, precision } = summary.gates;
  const readings = [...(geometry.beyondSize?.readings ?? []), ...(precision.beyondSize?.readings ?? [])];
  return Object.fromEntries(readings.map(({ metric, word }) => [metric, word]));
}

function said({ summary }: Report): string {
  const { headline, sentence, beyondSize } = summary.regime;
  return [headline, sentence, beyondSize].join(' ');
}

const asRandom = {
  rotationMeanDeg: 'as random',
  spectralDriftTopK: 'as random',
  principalLift: 'as random',
  lowMagnitudeLift: 'as random',
  principalEnergy: 'as random',
  sparsityBf16: 'as random',
};
const claim = /looks like|reinforcement|supervised fine-tuning|GRPO/u;

/** [base, tuned], below test/fixtures. */
const genuine: readonly (readonly [string, string])[] = [
  ['nano/base', 'nano/grpo/checkpoint-100'],
  ['nano/base', 'nano/sft'],
  ['nano/base', 'nano/sft-low/checkpoint-50'],
  ['runs/base', 'runs/rl-a'],
  ['runs/base', 'runs/rl-a/checkpoint-50'],
  ['runs/base', 'runs/rl-b/checkpoint-100'],
];

describe('noise of the size of', () => {
  for (const [index, [base, tuned]] of genuine.entries()) {
    it(`${tuned} reads as random in everything`, async () => {
      const [from, like] = [join(fixtures, base), join(fixtures, tuned)];
      const noise = join(scratch, tuned.replaceAll('/', '-'));
      const file = 'model.safetensors';
      writeNoiseLike(join(from, file), join(like, file), join(noise, file), 1000 + index);
      const report = await analyze(from, noise);
      assert.deepEqual(words(report), asRandom);
      assert.doesNotMatch(said(report), claim);
      assert.match(report.summary.regime.beyondSize ?? '', /this one is no different/u);
    });
  }
});

describe('a sample of a genuine run', () => {
  for (const seed of [1, 2, 3]) {
    it(`has the numbers of the whole in its intervals (seed ${seed})`, async () => {
      const [base, tuned] = [join(fixtures, 'nano/base'), join(fixtures, 'nano/grpo/checkpoint-100')];
      const { summary } = await analyze(base, tuned);
      const { sample, ...preview } = await analyze(base, tuned, '--sample', '2%', '--seed', String(seed));
      assert.ok(preview.tensors.length < 12, 'it reads a few tensors');
      const whole: Record<string, unknown> = {
        ...summary.precision.value,
        ...summary.anchor.value,
        ...summary.geometry.value,
      };
      const outside = sample?.estimates.filter(({ metric, low, high }) => {
        const value = whole[metric];
        return !(typeof value === 'number' && low !== null && high !== null && low <= value && value <= high);
      });
      assert.deepEqual(outside, []);
      assert.match(preview.summary.regime.headline, /^Sampled: /u);
      assert.match(preview.summary.regime.sentence, /It rests on a sample/u);
    });
  }
});

describe('a genuine run', () => {
  it('by GRPO turns less, moves the spectrum more and puts more energy into it than noise, on the same masks', async () => {
    const report = await analyze(join(fixtures, 'nano/base'), join(fixtures, 'nano/grpo/checkpoint-100'));
    assert.equal(report.summary.regime.name, 'rlvr-range');
    assert.deepEqual(words(report), {
      ...asRandom,
      rotationMeanDeg: 'less',
      spectralDriftTopK: 'more',
      principalEnergy: 'more',
    });
    assert.match(report.summary.regime.evidence ?? '', /^The config says GRPO/u);
  });

  it('by SFT keeps its range', async () => {
    const report = await analyze(join(fixtures, 'nano/base'), join(fixtures, 'nano/sft'));
    assert.equal(report.summary.regime.name, 'sft-range');
    assert.match(report.summary.regime.evidence ?? '', /^The config says SFT.*agrees\.$/u);
  });

  it('by SFT with small steps is told its footprint, never that it was reinforcement learning', async () => {
    const report = await analyze(join(fixtures, 'nano/base'), join(fixtures, 'nano/sft-low/checkpoint-50'));
    assert.doesNotMatch(said(report), claim);
    assert.match(report.summary.regime.evidence ?? '', /^The config says SFT/u);
  });
});
