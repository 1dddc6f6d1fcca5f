// Nothing phones home: ONNX Runtime's native releases from 1.29 on carry a usage reporter that is on by default.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { globSync } from '../../../.ci/glob.mjs';

describe('telemetry', () => {
  it('is not compiled into any native library that is shipped', () => {
    const libraries = ['.so.1', '.dylib', '.dll'].flatMap((suffix) =>
      globSync('node_modules/onnxruntime-node/bin', suffix),
    );
    assert.ok(libraries.length >= 5);
    for (const library of libraries) {
      const content = readFileSync(library);
      assert.ok(!content.includes('OneCollector') && !content.includes('events.data.microsoft'), library);
    }
  });

  it('leaves no identifier and no event store behind in the home folder', async () => {
    const home = await mkdtemp(join(tmpdir(), 'three-gate-home-'));
    try {
      const pair = ['test/fixtures/nano/base', 'test/fixtures/nano/grpo/checkpoint-100'];
      const args = ['dist/cli.cjs', 'analyze', ...pair, '--match', 'layers.0.self_attn.q', '--no-cache'];
      // CI silences such reporters by itself: the run must be clean without it.
      const env: NodeJS.ProcessEnv = { ...process.env, HOME: home, XDG_CACHE_HOME: home, LOCALAPPDATA: home };
      delete env['CI'];
      const { status, stderr } = spawnSync(process.execPath, args, { env, encoding: 'utf8' });
      assert.equal(status, 0, stderr);
      assert.deepEqual(await readdir(home), []);
    } finally {
      await rm(home, { recursive: true, force: true });
    }
  });
});
