// Whether what is missing can be submitted from this machine: a script in the folder, and sbatch on the path.
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { it } from 'node:test';
import { canSubmitFrom } from '../../../src/node/cluster/scheduler.ts';

it('takes a script and an executable sbatch', async (test) => {
  const root = mkdtempSync(join(tmpdir(), 'three-gate-scheduler-'));
  test.after(() => {
    rmSync(root, { recursive: true });
  });
  const [folder, bin] = [join(root, 'shards'), join(root, 'bin')];
  for (const each of [folder, bin]) mkdirSync(each);
  const environment = { PATH: ['', join(root, 'none'), bin].join(delimiter) };
  writeFileSync(join(folder, 'shard.sh'), '');
  assert.equal(await canSubmitFrom(folder, environment), false);
  writeFileSync(join(bin, 'sbatch'), '');
  chmodSync(join(bin, 'sbatch'), 0o755);
  assert.equal(await canSubmitFrom(folder, environment), true);
  assert.equal(await canSubmitFrom(folder, {}), false);
  rmSync(join(folder, 'shard.sh'));
  assert.equal(await canSubmitFrom(folder, environment), false);
});
