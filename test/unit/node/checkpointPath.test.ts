import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { checkpointPath } from '../../../src/node/disk/checkpointPath.ts';

const root = mkdtempSync(join(tmpdir(), 'three-gate-cache-'));
const commit = 'c'.repeat(40);
const snapshot = join(root, 'models--org--base/snapshots', commit);
const before = process.env['HF_HUB_CACHE'];

describe('what the command line takes for a checkpoint', () => {
  mkdirSync(snapshot, { recursive: true });
  mkdirSync(join(root, 'models--org--base/refs'));
  writeFileSync(join(root, 'models--org--base/refs/main'), commit);
  process.env['HF_HUB_CACHE'] = root;
  after(() => {
    if (before === undefined) delete process.env['HF_HUB_CACHE'];
    else process.env['HF_HUB_CACHE'] = before;
    rmSync(root, { recursive: true });
  });

  it('is a path first', async () => {
    assert.equal(await checkpointPath('src/node'), join(process.cwd(), 'src/node'));
    assert.equal(await checkpointPath(root), root);
  });

  it('is a model of the Hugging Face cache, at a revision where one is named', async () => {
    assert.equal(await checkpointPath('org/base'), snapshot);
    assert.equal(await checkpointPath(`org/base@${commit}`), snapshot);
    await assert.rejects(checkpointPath('org/base@v2'), {
      message: `${join(process.cwd(), 'org/base@v2')} does not exist: ${join(root, 'models--org--base')} holds no snapshot for the revision "v2"; it has ${commit}.`,
    });
  });

  it('names both places where it is in neither', async () => {
    await assert.rejects(checkpointPath('org/nothing'), {
      message: `${join(process.cwd(), 'org/nothing')} does not exist: org/nothing is not in the Hugging Face cache ${root}.`,
    });
    assert.equal(await checkpointPath('/no/such/folder'), '/no/such/folder');
    assert.equal(await checkpointPath('nothing'), join(process.cwd(), 'nothing'));
  });
});
