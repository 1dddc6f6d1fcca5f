// Reading at a rate, by a clock of the test's own.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { BytesOnDisk } from '../../../src/engine/files/rangeSource.ts';
import { PacedBytes } from '../../../src/node/engine/pacedBytes.ts';

/** When each stretch was handed on, in milliseconds. */
function paced(bytesPerSecond: number): {
  bytes: PacedBytes;
  clock: { nowMs: number };
  held: [string, number][];
} {
  const held: [string, number][] = [];
  const clock = { nowMs: 500 };
  const inner: BytesOnDisk = {
    hold: ([first]) => {
      held.push([first?.file ?? '', clock.nowMs]);
      return Promise.resolve({ segments: {}, release: () => undefined });
    },
  };
  const waiting: { at: number; go: () => void }[] = [];
  const wait = (ms: number, signal: AbortSignal): Promise<void> => {
    signal.throwIfAborted();
    return new Promise((resolve) => {
      waiting.push({ at: clock.nowMs + ms, go: resolve });
      setImmediate(() => {
        const [next] = waiting.splice(0, 1);
        if (next === undefined) return;
        clock.nowMs = Math.max(clock.nowMs, next.at);
        next.go();
      });
    });
  };
  return { bytes: new PacedBytes(inner, bytesPerSecond, { now: () => clock.nowMs, wait }), clock, held };
}

const never = new AbortController().signal;

describe('reading at a rate', () => {
  it('holds each stretch when those before it have had their time', async () => {
    const { bytes, held } = paced(1000);
    const hold = (file: string, length: number): Promise<unknown> =>
      bytes.hold([{ file, from: 10, to: 10 + length }], never);
    await Promise.all([hold('a', 100), hold('b', 50), hold('c', 200), hold('d', 1)]);
    assert.deepEqual(held, [
      ['a', 500],
      ['b', 600],
      ['c', 650],
      ['d', 850],
    ]);
  });

  it('saves no time up while nothing is read', async () => {
    const { bytes, clock, held } = paced(1000);
    await bytes.hold([{ file: 'a', from: 0, to: 100 }], never);
    clock.nowMs = 10_000;
    await bytes.hold([{ file: 'b', from: 0, to: 100 }], never);
    await bytes.hold([{ file: 'c', from: 0, to: 100 }], never);
    assert.deepEqual(held.slice(1), [
      ['b', 10_000],
      ['c', 10_100],
    ]);
  });

  it('ends its wait when it is cancelled', async () => {
    const { bytes, held } = paced(1000);
    await bytes.hold([{ file: 'a', from: 0, to: 100 }], never);
    await assert.rejects(bytes.hold([{ file: 'b', from: 0, to: 100 }], AbortSignal.abort()));
    assert.equal(held.length, 1);
  });
});
