// What docs/python.md promises: the callback for trainers by its own tests, and a report, under the Python of this machine and with the command line that was built.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, it } from 'node:test';

const root = resolve(import.meta.dirname, '../../..');
const nano = join(root, 'test/fixtures/nano');
const cli = join(root, 'dist/cli.cjs');
const python = ['python3', 'python'].find((name) => spawnSync(name, ['--version']).status === 0);

const skip = python === undefined && 'there is no Python on this machine';

describe('from Python', () => {
  it('the callback for trainers holds its own tests', { skip }, () => {
    const { status, stderr } = spawnSync(
      python ?? '',
      [join(root, 'integrations/test_three_gate_callback.py')],
      {
        encoding: 'utf8',
        env: {
          ...process.env,
          PYTHONDONTWRITEBYTECODE: '1',
          NANO: nano,
          THREE_GATE_COMMAND: JSON.stringify([process.execPath, cli]),
        },
      },
    );
    assert.equal(status, 0, stderr);
    assert.match(stderr, /Ran [1-9]\d* tests/);
  });

  it('a report is read as docs/python.md reads it', { skip }, () => {
    const cwd = mkdtempSync(join(tmpdir(), 'three-gate-python-'));
    try {
      const sides = [join(nano, 'base'), join(nano, 'grpo/checkpoint-100')];
      const env = { ...process.env, XDG_CACHE_HOME: join(cwd, 'cache') };
      const analysed = spawnSync(
        process.execPath,
        [cli, 'analyze', ...sides, '--json', 'report.json', '--quiet'],
        { cwd, env, encoding: 'utf8' },
      );
      assert.equal(analysed.status, 0, analysed.stderr);
      const page = readFileSync(join(root, 'docs/python.md'), 'utf8');
      const program = /[\s\S]*```python\n([\s\S]*?)```/u.exec(page)?.[1] ?? '';
      const { stdout, stderr } = spawnSync(python ?? '', ['-c', program], { cwd, encoding: 'utf8' });
      assert.match(stdout, /^rlvr-range 0\.001995/, stderr);
    } finally {
      rmSync(cwd, { recursive: true });
    }
  });
});
