// The built `three-gate diff` and `apply` on genuine runs and on PyTorch's files, by what lies on the disk afterwards.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, describe, it } from 'node:test';
import type { HashReport } from '../../../src/shared/report/hashReport.ts';
import type { PatchReport } from '../../../src/shared/report/patchReport.ts';

const root = resolve(import.meta.dirname, '../../..');
const nano = join(root, 'test/fixtures/nano');
const base = join(nano, 'base');
const scratch = mkdtempSync(join(tmpdir(), 'three-gate-patch-'));
after(() => {
  rmSync(scratch, { recursive: true, force: true });
});

function threeGate(...args: string[]): Promise<{ status: number; stdout: string; stderr: string }> {
  return new Promise((done) => {
    const file = join(root, 'dist/cli.cjs');
    const child = execFile(process.execPath, [file, ...args], { cwd: scratch }, (_error, stdout, stderr) => {
      done({ status: child.exitCode ?? -1, stdout, stderr });
    });
  });
}

const sha = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex');

describe('three-gate diff and apply', () => {
  for (const run of ['grpo/checkpoint-100', 'sft', 'sft-low/checkpoint-50']) {
    it(`give ${run} back byte by byte`, async () => {
      const tuned = join(nano, run);
      const [patch, out] = [join(scratch, 'p.safetensors'), join(scratch, run)];
      const made = await threeGate('diff', base, tuned, '--out', patch, '--json', '-');
      assert.equal(made.status, 0, made.stderr);
      const report = JSON.parse(made.stdout) as PatchReport;
      assert.equal(report.bytes, readFileSync(patch).length);
      assert.equal(report.restores, 'files');
      assert.ok(report.notIncluded.includes('config.json'), report.notIncluded.join());
      const done = await threeGate('apply', base, patch, '--out', out, '--quiet');
      assert.equal(done.status, 0, done.stderr);
      assert.deepEqual(readdirSync(out), ['model.safetensors']);
      assert.equal(sha(join(out, 'model.safetensors')), sha(join(tuned, 'model.safetensors')));
      const hashed = await threeGate('hash', out, '--json', '-');
      assert.equal((JSON.parse(hashed.stdout) as HashReport).sha256, report.sha256);
    });
  }

  it('give the tensors of PyTorch’s files back in one safetensors file', async () => {
    const torch = join(root, 'test/fixtures/torch/sharded');
    const made = await threeGate('diff', base, torch, '--out', 'torch.safetensors', '--json', '-');
    const report = JSON.parse(made.stdout) as PatchReport;
    assert.equal(report.restores, 'tensors');
    assert.equal(
      (await threeGate('apply', base, 'torch.safetensors', '--out', 'torch', '--quiet')).status,
      0,
    );
    assert.equal(
      (await threeGate('check', '--identical', torch, join(scratch, 'torch'), '--quiet')).status,
      0,
    );
  });

  it('refuse another base with 2, name the tensor and leave no file', async () => {
    await threeGate('diff', base, join(nano, 'sft-low/checkpoint-50'), '--out', 'low.safetensors', '--quiet');
    const { status, stderr } = await threeGate(
      'apply',
      join(nano, 'sft'),
      'low.safetensors',
      '--out',
      'wrong',
      '--quiet',
    );
    assert.equal(status, 2);
    assert.match(stderr, /was made from another base: in .*, [\w.]+ holds other bits/);
    assert.deepEqual(readdirSync(join(scratch, 'wrong')), []);
  });

  it('never overwrite what they read', async () => {
    const { status, stderr } = await threeGate('diff', base, base, '--out', join(base, 'model.safetensors'));
    assert.equal(status, 2);
    assert.match(stderr, /would overwrite what is read/);
  });
});
