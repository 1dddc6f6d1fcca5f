// `three-gate hash` and `check --identical` on sides that lie on a Hub of this machine.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { HashReport, IdentityReport } from '../../../src/shared/report/hashReport.ts';
import { HubDouble } from '../../support/hubDouble.ts';

const root = resolve(import.meta.dirname, '../../..');
const [base, sft] = ['nano/base', 'nano/sft'].map((path) => join(root, 'test/fixtures', path)) as [
  string,
  string,
];

describe('hashes of remote checkpoints', () => {
  const cache = mkdtempSync(join(tmpdir(), 'three-gate-hash-'));
  let hub: HubDouble;

  before(async () => {
    hub = await HubDouble.start();
    hub.add('org/base', base);
    hub.add('org/sft', sft);
  });
  after(async () => {
    await hub.close();
    rmSync(cache, { recursive: true });
  });

  function threeGate(...args: string[]): Promise<{ status: number; stdout: string; stderr: string }> {
    const env = {
      ...process.env,
      XDG_CACHE_HOME: cache,
      HF_HOME: cache,
      HF_ENDPOINT: hub.endpoint,
      HF_TOKEN: '',
    };
    return new Promise((done) => {
      const file = join(root, 'dist/cli.cjs');
      const child = execFile(
        process.execPath,
        [file, ...args, '--quiet'],
        { env },
        (_error, stdout, stderr) => {
          done({ status: child.exitCode ?? -1, stdout, stderr });
        },
      );
    });
  }

  it('are those of the files, and say of which commit', async () => {
    const { status, stdout, stderr } = await threeGate('hash', 'hf://org/base', '--json', '-');
    assert.equal(status, 0, stderr);
    const report = JSON.parse(stdout) as HashReport;
    // By hashlib: test/fixtures/hashes.
    assert.equal(report.sha256, '7c93fd9d65d9a65e262672ad8d629cf4593950c9983f328d761782dc64ca2964');
    assert.ok(JSON.stringify(report.origin).includes(hub.commit), 'the commit is named');
  });

  it('compare by bits with what lies here and there', async () => {
    assert.equal((await threeGate('check', '--identical', 'hf://org/base', base)).status, 0);
    const { status, stdout } = await threeGate('check', '--identical', base, 'hf://org/sft', '--json', '-');
    assert.equal(status, 4);
    const { different } = JSON.parse(stdout) as IdentityReport;
    const here = await threeGate('check', '--identical', base, sft, '--json', '-');
    assert.deepEqual(different, (JSON.parse(here.stdout) as IdentityReport).different);
  });

  it('are not given for what may not be read', async () => {
    hub.token = 'hf_of_somebody_else';
    const { status, stdout, stderr } = await threeGate('hash', 'hf://org/base@other', '--json', '-');
    hub.token = null;
    assert.notEqual(status, 0);
    assert.equal(stdout, '');
    assert.match(stderr, /^three-gate: .*org\/base/u);
  });
});
