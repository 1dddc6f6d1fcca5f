// What is kept of remote files: within its limit, without what a killed process left, and held by nobody who has gone.
import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import type { RangeSource, Segment } from '../../../../src/engine/files/rangeSource.ts';
import { RangeReads } from '../../../../src/node/remote/rangeReads.ts';
import { SegmentStore } from '../../../../src/node/remote/segmentStore.ts';

const folder = mkdtempSync(join(tmpdir(), 'three-gate-segments-'));
after(() => {
  rmSync(folder, { recursive: true });
});

const never = new AbortController().signal;

function filesBelow(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => name);
}

function put(store: SegmentStore, identity: string, from: number, bytes: number): Promise<Segment> {
  return store.put(identity, { from, to: from + bytes }, (take) => {
    take(new Uint8Array(bytes));
    return Promise.resolve();
  });
}

/** A source whose reads end when they are told to. */
function slowSource(identity: string): { source: RangeSource; finish: () => void } {
  let finish = (): void => undefined;
  const told = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const source: RangeSource = {
    address: `hf://org/model/${identity}`,
    size: 1000,
    identity,
    read: () => told,
  };
  return { source, finish };
}

describe('the store of segments', () => {
  it('sweeps what was left unfinished a day ago, and nothing that is being written', async () => {
    const directory = join(folder, 'parts');
    mkdirSync(join(directory, 'ab'), { recursive: true });
    const [old, young] = ['.0-10-aa.x.part', '.0-10-aa.y.part'].map((name) => join(directory, 'ab', name));
    assert.ok(old !== undefined && young !== undefined);
    for (const path of [old, young]) writeFileSync(path, 'unfinished');
    const yesterday = new Date(Date.now() - 25 * 3600 * 1000);
    utimesSync(old, yesterday, yesterday);
    await put(new SegmentStore(() => directory, 1e6), 'a', 0, 10);
    assert.ok(!existsSync(old));
    assert.ok(existsSync(young));
  });

  it('takes over what an earlier process kept, and nothing that is not as long as it was', async () => {
    const directory = join(folder, 'earlier');
    const [whole, cut] = await Promise.all(
      [0, 10].map((from) => put(new SegmentStore(() => directory, 1e6), 'a', from, 10)),
    );
    assert.ok(whole !== undefined && cut !== undefined);
    truncateSync(cut.path, 9);
    assert.deepEqual(await new SegmentStore(() => directory, 1e6).segments('a'), [whole]);
    assert.ok(!existsSync(cut.path));
  });

  it('keeps no more than its limit, but what is in use', async () => {
    const directory = join(folder, 'limit');
    const store = new SegmentStore(() => directory, 25);
    const held = await put(store, 'a', 0, 10);
    store.release([await put(store, 'a', 10, 10)]);
    store.release([await put(store, 'b', 0, 10)]);
    assert.equal(filesBelow(directory).length, 2);
    assert.ok(existsSync(held.path));
    store.release([held]);
    store.release([await put(store, 'c', 0, 20)]);
    assert.ok(!existsSync(held.path));
  });

  it('is filled a little ahead of what is asked for, and holds none of that', async () => {
    const directory = join(folder, 'ahead');
    const mebibyte = 1 << 20;
    const store = new SegmentStore(() => directory, 45 * mebibyte);
    const reads = new RangeReads(store, never);
    const asked: number[] = [];
    const source: RangeSource = {
      address: 'hf://org/model/large',
      size: 100 * mebibyte,
      identity: 'large',
      read({ from }) {
        asked.push(from / mebibyte);
        return Promise.resolve();
      },
    };
    await reads.announce('large', [{ from: 0, to: 40 * mebibyte }]);
    (await reads.lease(source, { from: 0, to: 10 }, never)).release();
    while (asked.length < 3) await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(
      asked.toSorted((a, b) => a - b),
      [0, 16, 32],
    );
    (await reads.lease(source, { from: 16 * mebibyte, to: 40 * mebibyte }, never)).release();
    assert.equal(asked.length, 3);
    await new Promise((resolve) => setImmediate(resolve));
    await put(store, 'other', 0, 45 * mebibyte);
    assert.deepEqual(filesBelow(directory), [`0-${45 * mebibyte}`]);
  });

  it('is held by no lease that was aborted, whenever its reading ends', async () => {
    const directory = join(folder, 'leases');
    const store = new SegmentStore(() => directory, 0);
    const reads = new RangeReads(store, never);
    const { source, finish } = slowSource('slow');
    const controller = new AbortController();
    const aborted = [
      reads.lease(source, { from: 0, to: 100 }, controller.signal),
      reads.lease(source, { from: 50, to: 100 }, controller.signal),
    ];
    await new Promise((resolve) => setImmediate(resolve));
    controller.abort(new Error('enough'));
    for (const lease of aborted) await assert.rejects(lease, /enough/);
    finish();
    // A lease that waits for the same reading has it, and lets it go.
    (await reads.lease(source, { from: 0, to: 100 }, never)).release();
    await new Promise((resolve) => setImmediate(resolve));
    await put(store, 'other', 0, 10);
    assert.deepEqual(filesBelow(directory), ['0-10']);
  });
});
