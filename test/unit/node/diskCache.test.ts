// The result store: whole entries or none, whoever writes, dies or tampers.
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { clearCache, DiskCache } from '../../../src/node/disk/diskCache.ts';

let directory = '';
const complaints: string[] = [];
const open = (): DiskCache => new DiskCache(directory, (message) => complaints.push(message));
const key = (name: string): string => open().digest(Buffer.from(name));

async function entries(): Promise<string[]> {
  const found = await readdir(directory, { recursive: true, withFileTypes: true });
  return found.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
}

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'three-gate-cache-'));
  complaints.length = 0;
});
afterEach(() => rm(directory, { recursive: true, force: true }));

describe('disk cache', () => {
  it('gives back what was put, typed arrays and nulls included, also to another instance', async () => {
    const value = {
      sums: Float64Array.of(1, NaN, Infinity),
      rows: null,
      nested: [{ bits: Uint32Array.of(7) }],
    };
    await open().put(key('a'), value);
    assert.deepEqual(await open().get(key('a')), value);
    assert.equal(await open().get(key('b')), null);
  });

  for (const [how, damage] of [
    ['one flipped byte', (file: Buffer) => file.fill(file[60]! ^ 1, 60, 61)],
    ['a missing end', (file: Buffer) => file.subarray(0, file.length - 3)],
    ['another version', (file: Buffer) => file.fill('9', 6, 7)],
    ['an empty file', () => Buffer.alloc(0)],
  ] as const) {
    it(`treats an entry with ${how} as absent, deletes it and takes a new one`, async () => {
      await open().put(key('a'), { value: 'x'.repeat(100) });
      const [path = ''] = await entries();
      await writeFile(path, damage(await readFile(path)));
      assert.equal(await open().get(key('a')), null);
      assert.deepEqual(await entries(), []);
      await open().put(key('a'), 2);
      assert.equal(await open().get(key('a')), 2);
    });
  }

  it('survives a kill in the middle of writing: whole entries only', async () => {
    const child = fork('test/unit/node/cacheWriter.ts', [directory], { execArgv: ['--import', 'tsx'] });
    await new Promise((resolve) => child.once('message', resolve));
    child.kill('SIGKILL');
    await new Promise((resolve) => child.once('exit', resolve));
    const cache = open();
    let whole = 0;
    for (let i = 0; i < 500; i++) {
      const value = (await cache.get(key(`entry ${i}`))) as { data: Float64Array } | null;
      if (value === null) continue;
      whole += 1;
      assert.ok(value.data.length === 100_000 && value.data.every((number) => number === i));
    }
    assert.ok(whole > 0);
  });

  it('lets two processes write the same keys at once', async () => {
    const children = [1, 2].map(() =>
      fork('test/unit/node/cacheWriter.ts', [directory, '20'], { execArgv: ['--import', 'tsx'] }),
    );
    const codes = await Promise.all(
      children.map((child) => new Promise((resolve) => child.once('exit', resolve))),
    );
    assert.deepEqual(codes, [0, 0]);
    for (let i = 0; i < 20; i++) assert.notEqual(await open().get(key(`entry ${i}`)), null);
    assert.equal((await entries()).filter((path) => path.endsWith('.part')).length, 0);
  });

  it('stays within its size by dropping what was used longest ago, and sweeps abandoned parts', async () => {
    const cache = open();
    for (const name of ['old', 'middle', 'new']) await cache.put(key(name), new Uint8Array(1000));
    const old = (await entries()).find((path) => path.endsWith(key('old'))) ?? '';
    const middle = (await entries()).find((path) => path.endsWith(key('middle'))) ?? '';
    await utimes(old, 1000, 1000);
    await utimes(middle, 2000, 2000);
    await cache.get(key('old'));
    const part = `${old}.dead.part`;
    await writeFile(part, 'half');
    await utimes(part, 1000, 1000);
    const { size } = await stat(old);
    await cache.prune(2 * size);
    assert.equal(await cache.get(key('middle')), null);
    assert.notEqual(await cache.get(key('old')), null);
    assert.notEqual(await cache.get(key('new')), null);
    assert.equal((await entries()).length, 2);
    await clearCache(directory);
    assert.equal((await entries()).length, 0);
  });

  it('leaves what is kept of remote files to those who keep it, until all is cleared', async () => {
    const kept = join(directory, 'remote', 'segment');
    await mkdir(join(directory, 'remote'));
    await writeFile(kept, 'bytes');
    const cache = open();
    await cache.put(key('result'), new Uint8Array(1000));
    await cache.prune(0);
    assert.equal(await cache.get(key('result')), null);
    assert.equal((await stat(kept)).size, 5);
    await clearCache(directory);
    await assert.rejects(stat(kept));
  });

  it('complains once, and goes on, where nothing can be written', async () => {
    await writeFile(join(directory, 'results'), 'a file in the way');
    const cache = open();
    await cache.put(key('a'), 1);
    await cache.put(key('b'), 2);
    assert.equal(await cache.get(key('a')), null);
    assert.equal(complaints.length, 1);
    assert.match(complaints[0] ?? '', /^Results are not kept: /);
  });
});
