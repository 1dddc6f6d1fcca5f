import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { nodeFileSystem, readError } from '../../../src/node/disk/nodeFileSystem.ts';
import { ThreeGateError } from '../../../src/shared/errors.ts';

describe('nodeFileSystem', () => {
  let root = '';
  before(() => {
    root = mkdtempSync(join(tmpdir(), 'three-gate-files-'));
    writeFileSync(join(root, 'ten'), Uint8Array.from([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]));
    mkdirSync(join(root, 'folder'));
    symlinkSync('ten', join(root, 'link'));
    symlinkSync('gone', join(root, 'dangling'));
    symlinkSync('loop', join(root, 'loop'));
  });
  after(() => {
    rmSync(root, { recursive: true });
  });

  const fails = async (work: Promise<unknown>, code: string, message: string): Promise<void> => {
    await assert.rejects(work, (thrown) => {
      assert.ok(thrown instanceof ThreeGateError);
      assert.deepEqual(
        { code: thrown.problem.code, message: thrown.message },
        { code, message: message.replaceAll('<root>', root) },
      );
      return true;
    });
  };

  it('reads by position, in any order', async () => {
    const source = await nodeFileSystem.open(join(root, 'ten'));
    const target = new Uint8Array(3);
    await source.read(7, target);
    assert.deepEqual([...target], [7, 8, 9]);
    await source.read(0, target);
    assert.deepEqual([...target], [0, 1, 2]);
    assert.equal(source.size, 10);
    await source.close();
  });

  it('follows symbolic links, lists in order, and says null where nothing is', async () => {
    assert.equal((await nodeFileSystem.stat(join(root, 'link')))?.size, 10);
    assert.equal((await nodeFileSystem.stat(join(root, 'folder')))?.kind, 'directory');
    assert.equal(await nodeFileSystem.stat(join(root, 'gone')), null);
    assert.equal(await nodeFileSystem.stat(join(root, 'dangling')), null);
    assert.equal(await nodeFileSystem.stat(join(root, 'ten', 'below')), null);
    assert.deepEqual(await nodeFileSystem.list(root), ['dangling', 'folder', 'link', 'loop', 'ten']);
  });

  it('names a read beyond the end, also when the file shrank after it was opened', async () => {
    const path = join(root, 'shrinks');
    writeFileSync(path, new Uint8Array(100));
    const source = await nodeFileSystem.open(path);
    await fails(
      source.read(98, new Uint8Array(4)),
      'file-truncated',
      '<root>/shrinks ends at byte 100, before byte 102 that was to be read.',
    );
    truncateSync(path, 10);
    await fails(
      source.read(0, new Uint8Array(20)),
      'file-truncated',
      '<root>/shrinks ends at byte 10, before byte 20 that was to be read.',
    );
    await source.close();
  });

  it('names what cannot be opened', async () => {
    await fails(nodeFileSystem.open(join(root, 'gone')), 'not-found', '<root>/gone does not exist.');
    await fails(
      nodeFileSystem.open(join(root, 'folder')),
      'read-failed',
      '<root>/folder is a folder, not a file.',
    );
    await fails(
      nodeFileSystem.open('/dev/null'),
      'read-failed',
      '/dev/null is a device or pipe, not a file.',
    );
    await fails(
      nodeFileSystem.open(join(root, 'loop')),
      'read-failed',
      '<root>/loop is a symbolic link that leads to itself.',
    );
    await fails(nodeFileSystem.list(join(root, 'gone')), 'not-found', '<root>/gone does not exist.');
  });

  it('names a file that the user may not read', async () => {
    const path = join(root, 'secret');
    writeFileSync(path, 'x');
    chmodSync(path, 0);
    // Root may read everything, so the errno is translated directly as well.
    const denied = Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES' });
    assert.equal(readError(denied, path).message, `${path} may not be read by this user.`);
    assert.equal(readError(denied, path).problem.code, 'access-denied');
    if (process.getuid?.() !== 0) {
      await fails(nodeFileSystem.open(path), 'access-denied', '<root>/secret may not be read by this user.');
    }
  });

  it('reads small UTF-8 text whole and refuses the rest', async () => {
    const path = join(root, 'text');
    writeFileSync(path, 'Δ = Ŵ − W');
    assert.equal(await nodeFileSystem.readText(path, 100), 'Δ = Ŵ − W');
    await fails(
      nodeFileSystem.readText(path, 5),
      'header-too-large',
      '<root>/text has 13 B, beyond the limit of 5 B for a text file.',
    );
    writeFileSync(path, Uint8Array.from([0xff, 0xfe, 0x00]));
    await fails(nodeFileSystem.readText(path, 100), 'read-failed', '<root>/text is not UTF-8 text.');
  });
});
