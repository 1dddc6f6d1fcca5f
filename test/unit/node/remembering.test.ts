// What a run leaves for the next one, through the built command line: the same report, bought cheaper.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { Report } from '../../../src/shared/report/report.ts';

const pair = ['test/fixtures/nano/base', 'test/fixtures/nano/grpo/checkpoint-100'];
const match = 'layers\\.[01]\\.(self_attn|mlp)';
let home = '';

function environment(): NodeJS.ProcessEnv {
  return { ...process.env, XDG_CACHE_HOME: home, LOCALAPPDATA: home, HOME: home };
}

function analyze(...more: string[]): Report {
  const args = ['dist/cli.cjs', 'analyze', ...pair, '--match', match, '--json', '-', '--quiet', ...more];
  const { stdout, stderr, status } = spawnSync(process.execPath, args, {
    env: environment(),
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout) as Report;
}

/** The report without what may differ between two runs. */
function numbers(report: Report): unknown {
  return { ...report, timings: null, options: { ...report.options, useCache: true } };
}

function entries(): string[] {
  const found = readdirSync(home, { recursive: true, withFileTypes: true });
  return found.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
}

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'three-gate-home-'));
});
afterEach(() => rm(home, { recursive: true, force: true }));

describe('remembering', () => {
  it('gives the same report from what it remembers, without reading a matrix again', () => {
    const fresh = analyze('--no-cache');
    assert.deepEqual(entries(), [], '--no-cache leaves nothing behind');
    const first = analyze();
    const second = analyze();
    assert.deepEqual(numbers(first), numbers(fresh));
    assert.deepEqual(numbers(second), numbers(fresh));
    assert.ok(first.timings.bytesRead > 700_000);
    assert.equal(second.timings.bytesRead, 0);
    assert.equal(second.engine.gemm, 'native');
  });

  it('measures anew what an option changes, and judges anew without measuring', () => {
    analyze();
    assert.ok(analyze('--rank', '8').timings.bytesRead > 700_000);
    assert.equal(analyze().timings.bytesRead, 0);
  });

  it('recomputes damaged entries', () => {
    const fresh = analyze();
    for (const path of entries()) {
      const file = readFileSync(path);
      writeFileSync(path, file.fill(0, file.length >> 1));
    }
    const again = analyze();
    assert.deepEqual(numbers(again), numbers(fresh));
    assert.ok(again.timings.bytesRead > 700_000);
  });

  it('goes on where a killed run stopped', async () => {
    const args = ['dist/cli.cjs', 'analyze', ...pair, '--match', match, '--quiet'];
    const child = spawn(process.execPath, args, { env: environment(), detached: true, stdio: 'ignore' });
    const gone = new Promise((resolve) => child.once('exit', resolve));
    while (entries().length < 3) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      assert.equal(child.exitCode, null, 'the run is still under way');
    }
    process.kill(-(child.pid ?? 0), 'SIGKILL');
    await gone;
    const resumed = analyze();
    const fresh = analyze('--no-cache');
    assert.deepEqual(numbers(resumed), numbers(fresh));
    assert.ok(resumed.timings.bytesRead < fresh.timings.bytesRead);
  });
});
