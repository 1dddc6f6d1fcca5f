// What sending a run's checkpoints from one to the next takes: against numpy's encodings, and a step that changed nothing.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, describe, it } from 'node:test';
import type { RunsReport } from '../../../src/shared/report/runsReport.ts';
import type { StepsDirection } from '../../../src/shared/report/stepsDirection.ts';
import type { SyncCost } from '../../../src/shared/report/syncCost.ts';
import { stepSyncTable } from '../../../src/shared/text/directionTables.ts';

const root = resolve(import.meta.dirname, '../../..');
const fixtures = join(root, 'test/fixtures/runs');
const scratch = mkdtempSync(join(tmpdir(), 'three-gate-step-sync-'));

after(() => {
  rmSync(scratch, { recursive: true });
});

function directionOf(run: string): StepsDirection {
  const flags = ['dist/cli.cjs', 'runs', join(fixtures, 'base'), run, '--no-cache', '--quiet', '--json', '-'];
  const text = execFileSync(process.execPath, flags, { cwd: root, encoding: 'utf8', maxBuffer: 1 << 28 });
  const { value } = (JSON.parse(text) as RunsReport).trajectories[0]?.direction ?? { value: null };
  assert.notEqual(value, null);
  return value ?? assert.fail('There is no direction.');
}

describe('the cost of sending a run step by step', () => {
  it('is what encoding its checkpoints takes, to the byte', () => {
    const text = readFileSync(join(fixtures, 'sync.json'), 'utf8');
    const expected = JSON.parse(text) as { whole: SyncCost[]; tensors: Record<string, SyncCost[]> };
    const { whole, tensors, modules, steps } = directionOf(join(fixtures, 'rl-a'));
    assert.deepEqual(whole.sync, expected.whole);
    assert.deepEqual(Object.fromEntries(tensors.map(({ name, sync }) => [name, sync])), expected.tensors);
    for (const step of steps.keys()) {
      const parts = modules.map(({ sync }) => sync[step]?.varints ?? 0);
      assert.equal(
        parts.reduce((sum, bytes) => sum + bytes, 0),
        expected.whole[step]?.varints,
      );
    }
  });

  it('is nothing but a bitmap where a step is the one before it, and says which is which', () => {
    for (const [step, name] of [
      [10, 'checkpoint-50'],
      [20, 'checkpoint-50'],
    ] as const)
      cpSync(join(fixtures, 'rl-a', name), join(scratch, `checkpoint-${step}`), { recursive: true });
    const direction = directionOf(scratch);
    const [first, second] = direction.whole.sync;
    assert.equal(first?.changed, 31_430);
    const { changed, indices, gaps, varints, bitmap, dense } = second ?? {};
    assert.deepEqual([changed, indices, gaps, varints], [0, 0, 0, 0]);
    assert.equal(bitmap, Math.ceil((dense ?? 0) / 16));
    const [head, ...rows] = stepSyncTable(direction);
    assert.equal(head?.[0], 'to send');
    assert.deepEqual(
      rows.map(([name]) => name),
      ['base → 10', '10 → 20'],
    );
  });
});
