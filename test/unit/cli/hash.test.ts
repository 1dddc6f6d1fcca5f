// The built `three-gate hash` and `check --identical`: what they print and exit with.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join, resolve } from 'node:path';
import { describe, it } from 'node:test';
import type { HashReport, IdentityReport } from '../../../src/shared/report/hashReport.ts';

const root = resolve(import.meta.dirname, '../../..');
const [base, sft, torch] = ['nano/base', 'nano/sft', 'torch/current'].map((path) =>
  join(root, 'test/fixtures', path),
) as [string, string, string];

function threeGate(...args: string[]): Promise<{ status: number; stdout: string; stderr: string }> {
  return new Promise((done) => {
    const file = join(root, 'dist/cli.cjs');
    const child = execFile(process.execPath, [file, ...args, '--quiet'], (_error, stdout, stderr) => {
      done({ status: child.exitCode ?? -1, stdout, stderr });
    });
  });
}

describe('three-gate hash', () => {
  it('prints the hashes as JSON', async () => {
    const { status, stdout } = await threeGate('hash', base, '--json', '-');
    const report = JSON.parse(stdout) as HashReport;
    assert.equal(status, 0);
    // By hashlib: test/fixtures/hashes.
    assert.equal(report.sha256, '7c93fd9d65d9a65e262672ad8d629cf4593950c9983f328d761782dc64ca2964');
    assert.equal(report.tensors.length, 39);
  });

  it('ends with 3 where a tensor cannot be read', async () => {
    const { status, stderr } = await threeGate('hash', torch);
    assert.equal(status, 3);
    assert.match(stderr, /^three-gate: /);
  });
});

describe('three-gate check --identical', () => {
  it('ends with 4 and names the first difference, or with 0', async () => {
    const { status, stdout, stderr } = await threeGate('check', '--identical', base, sft, '--json', '-');
    const report = JSON.parse(stdout) as IdentityReport;
    assert.equal(status, 4);
    assert.ok(report.different.length > 30);
    assert.match(
      stderr,
      /^three-gate: lm_head\.weight: element \d+ at \[\d+, \d+\] is [\d.e-]+ \(0x[\da-f]{4}\) /,
    );
    assert.equal((await threeGate('check', '--identical', base, base)).status, 0);
  });

  it('refuses what means nothing to it', async () => {
    const { status, stderr } = await threeGate('check', '--identical', base, sft, '--junit', 'x.xml');
    assert.equal(status, 2);
    assert.match(stderr, /--junit means nothing to --identical/);
    assert.match((await threeGate('check', '--identical', base)).stderr, /compares BASE with TUNED/);
  });
});
