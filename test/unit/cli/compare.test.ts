// `three-gate compare` as it is built, on the genuine small runs: the numbers of `analyze`, each pair analysed once.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Ajv } from 'ajv';
import type { Report } from '../../../src/shared/report/report.ts';
import type { SideBySideReport } from '../../../src/shared/report/sideBySide.ts';

const root = resolve(import.meta.dirname, '../../..');
const nano = join(root, 'test/fixtures/nano');
const [base, grpo, low, sft] = ['base', 'grpo/checkpoint-100', 'sft-low/checkpoint-50', 'sft'].map((name) =>
  join(nano, name),
) as [string, string, string, string];
const scratch = mkdtempSync(join(tmpdir(), 'three-gate-compare-'));

after(() => {
  rmSync(scratch, { recursive: true });
});

interface Finished {
  status: number | null;
  stdout: string;
  stderr: string;
}

function threeGate(...args: string[]): Finished {
  const env = { ...process.env, XDG_CACHE_HOME: join(scratch, 'cache') };
  const cli = join(root, 'dist/cli.cjs');
  return spawnSync(process.execPath, [cli, ...args], {
    cwd: scratch,
    env,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
}

function compared(...args: string[]): { report: SideBySideReport; stderr: string } {
  const { status, stdout, stderr } = threeGate('compare', ...args, '--json', '-');
  assert.equal(status, 0, stderr);
  return { report: JSON.parse(stdout) as SideBySideReport, stderr };
}

describe('three-gate compare', () => {
  let first: ReturnType<typeof compared>;
  before(() => {
    first = compared(base, grpo, low, sft);
  });

  it('gives what analyze gives, in a table that follows its schema', () => {
    const schema = JSON.parse(readFileSync(join(root, 'dist/compare.schema.json'), 'utf8')) as object;
    const validate = new Ajv({ allErrors: true, strict: true, allowUnionTypes: true }).compile(schema);
    assert.equal(validate(first.report), true, JSON.stringify(validate.errors?.slice(0, 3)));
    assert.deepEqual(
      first.report.runs.map(({ label, regime }) => [label, regime.name]),
      [
        ['grpo/checkpoint-100', 'rlvr-range'],
        ['sft-low/checkpoint-50', 'rlvr-range'],
        ['sft', 'sft-range'],
      ],
    );
    const { status, stdout } = threeGate('analyze', base, sft, '--json', '-');
    assert.equal(status, 0);
    const { summary } = JSON.parse(stdout) as Report;
    const { gates, kl, sync } = first.report.runs[2] ?? {};
    assert.deepEqual({ gates, kl, sync }, { gates: summary.gates, kl: summary.kl, sync: summary.sync });
  });

  it('names the settings in which the configs differ, with the value of each run, and no other', () => {
    const { value } = first.report.configs;
    const of = (concept: string): unknown[] | undefined =>
      value?.differing
        .find((each) => each.concept === concept)
        ?.settings.map((setting) => setting?.value ?? null);
    assert.deepEqual(of('learningRate'), [5e-6, 5e-6, 3e-4]);
    assert.deepEqual(of('klCoefficient'), [0.001, null, null]);
    assert.deepEqual(of('kind'), ['rl', 'sft', 'sft']);
    assert.equal(of('baseModel'), undefined, '../../base and ../base are one base');
    assert.ok(value?.same.includes('optimizer'), String(value?.same));
  });

  it('analyses no pair twice, unless told to', () => {
    assert.match(first.stderr, /of 30 matrices/u);
    const again = compared(base, grpo, low, sft);
    assert.equal(again.stderr, '');
    assert.deepEqual({ ...again.report, elapsedMs: 0 }, { ...first.report, elapsedMs: 0 });
    assert.match(compared(base, grpo, low, '--no-cache', '--gates', 'precision').stderr, /MB of/u);
  });

  it('takes reports and pair files among checkpoints, in the order that was asked for', () => {
    assert.equal(threeGate('analyze', base, sft, '--quiet', '--json', 'sft.json').status, 0);
    writeFileSync(join(scratch, 'low.threegate'), JSON.stringify({ base, tuned: low }));
    const { report } = compared('sft.json', base, 'low.threegate', grpo);
    assert.deepEqual(
      report.runs.map(({ label, reportFile }) => [label, reportFile]),
      [
        ['sft', join(scratch, 'sft.json')],
        ['sft-low/checkpoint-50', null],
        ['grpo/checkpoint-100', null],
      ],
    );
    assert.deepEqual(report.runs[2]?.gates, first.report.runs[0]?.gates);
    assert.equal(compared('sft.json', 'low.threegate').report.runs.length, 2);
  });

  it('prints and writes one table', () => {
    const files = ['--markdown', 'table.md', '--csv', 'table.csv'];
    const { status, stdout } = threeGate('compare', base, grpo, sft, ...files);
    assert.equal(status, 0);
    assert.match(stdout, /In the weights +grpo\/checkpoint-100 +sft\n/u);
    assert.match(stdout, /Gate III · precision +● masked +○ dense\n/u);
    assert.match(stdout, /Mean rotation +0\.14°, less \(×0\.72\) +12\.2°, less \(×0\.76\)\n/u);
    assert.match(stdout, /In the configs[\s\S]*\n {2}learning_rate +5e-6 +3e-4\n/u);
    assert.match(readFileSync(join(scratch, 'table.md'), 'utf8'), /\| learning\\_rate \| 5e-6 \| 3e-4 \|/u);
    assert.equal(readFileSync(join(scratch, 'table.csv'), 'utf8').trimEnd().split('\r\n').length, 3);
  });

  it('ends in one sentence where nothing can stand side by side', () => {
    const cases: [string[], RegExp][] = [
      [[base], /stands alone: name a base/u],
      [[base, grpo], /^three-gate: Two tuned checkpoints or more are needed/u],
      [[base, grpo, 'none.json'], /none\.json could not be read/u],
      [['nowhere', grpo, sft], /nowhere/u],
    ];
    for (const [args, expected] of cases) {
      const { status, stdout, stderr } = threeGate('compare', ...args);
      assert.deepEqual([status, stdout], [2, ''], args.join(' '));
      assert.match(stderr, expected);
      assert.equal(stderr.trimEnd().split('\n').length, 1, stderr);
    }
  });
});
