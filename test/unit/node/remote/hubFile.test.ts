// Range reads against a double of the Hub: whatever goes wrong, the bytes are right or there is an error that says so.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import type { RangeSource } from '../../../../src/engine/files/rangeSource.ts';
import { connections } from '../../../../src/node/remote/connections.ts';
import { RemoteFiles } from '../../../../src/node/remote/remoteFiles.ts';
import { SegmentStore } from '../../../../src/node/remote/segmentStore.ts';
import { ThreeGateError } from '../../../../src/shared/errors.ts';
import { readRange } from '../../../support/readRange.ts';
import { HubDouble } from '../../../support/hubDouble.ts';
import { lastingFaults, passingFaults, type Fault } from '../../../support/rangeFaults.ts';
import { seeded } from '../../../support/random.ts';

const limits = { stallMs: 1000, attempts: 6, pauseMs: 0, longestWaitMs: 1000 };
const send = connections({});
const noS3 = { region: null, endpoint: null };
const address = 'hf://org/model@main/model.safetensors';

describe('a file of the Hub', () => {
  let hub: HubDouble;
  let folder: string;
  const bytes = Buffer.alloc(60_000);
  for (let i = 0; i < bytes.length; i += 4) bytes.writeUInt32LE(Math.imul(i, 2_654_435_761) >>> 0, i);

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'three-gate-hub-'));
    writeFileSync(join(folder, 'model.safetensors'), bytes);
    writeFileSync(join(folder, 'config.json'), '{"model_type": "llama"}');
    hub = await HubDouble.start();
    hub.add('org/model', folder);
  });
  beforeEach(() => {
    hub.faultOf = () => null;
    hub.reads.length = 0;
  });
  after(async () => {
    await hub.close();
    rmSync(folder, { recursive: true });
  });

  const mounted = async (token: string | null = null): Promise<RangeSource> => {
    const store = new SegmentStore(() => join(folder, 'unused'), 0);
    const signal = new AbortController().signal;
    const files = new RemoteFiles(store, { endpoint: hub.endpoint, token, s3: noS3, send, limits }, signal);
    await files.mount('hf://org/model');
    const source = await files.source(address);
    assert.ok(source !== null);
    return source;
  };
  const signal = new AbortController().signal;
  const read = async (source: RangeSource, from: number, to: number): Promise<void> => {
    const found = await readRange(source, from, to - from, signal);
    assert.equal(Buffer.compare(Buffer.from(found), bytes.subarray(from, to)), 0, `bytes ${from}–${to}`);
  };
  const once = (fault: Fault): void => {
    hub.faultOf = ({ path }) => (path.endsWith('.safetensors') && hub.reads.length === 0 ? fault : null);
  };

  it('is named by its hash, and read by ranges', async () => {
    const source = await mounted();
    assert.equal(source.size, bytes.length);
    assert.match(source.identity, /^sha256:[0-9a-f]{64}$/);
    await read(source, 0, bytes.length);
    await read(source, 17, 4242);
    assert.deepEqual(await readRange(source, 5, 0, signal), new Uint8Array(0));
  });

  it('is read over connections that are kept', async () => {
    const source = await mounted();
    const before = hub.connections;
    for (let from = 0; from < 20_000; from += 1000) await read(source, from, from + 1000);
    assert.ok(hub.connections - before <= 2, `${hub.connections - before} connections`);
  });

  it('refuses ranges outside it without a request', async () => {
    const source = await mounted();
    for (const [from, length] of [
      [0, bytes.length + 1],
      [-1, 4],
      [bytes.length, 1],
    ] as const) {
      await assert.rejects(readRange(source, from, length, signal), isProblem('file-truncated', address));
    }
    assert.equal(hub.reads.length, 0);
  });

  for (const fault of passingFaults) {
    it(`goes on after ${fault}`, async () => {
      const source = await mounted();
      once(fault);
      await read(source, 1000, 31_000);
      assert.ok(hub.reads.length >= 2);
    });
    it(`ends with an error where ${fault} lasts, in a bounded number of attempts`, async () => {
      const source = await mounted();
      hub.faultOf = () => fault;
      // Halves of what is left bring bytes every time; these two do get there in the end.
      if (fault === 'short-body' || fault === 'reset') await read(source, 1000, 1064).catch(() => undefined);
      else if (fault !== 'stall')
        await assert.rejects(read(source, 1000, 31_000), isProblem('remote-failed', address));
      assert.ok(hub.reads.length <= 64);
    });
  }

  // Another ETag can be told from the second read on.
  for (const fault of lastingFaults.filter((each) => each !== 'other-etag')) {
    it(`never takes the bytes of ${fault}`, async () => {
      const source = await mounted();
      once(fault);
      await assert.rejects(
        read(source, 1000, 31_000),
        (error) =>
          error instanceof ThreeGateError &&
          /^(?:remote-failed|remote-changed)$/.test(error.problem.code) &&
          error.problem.file === address,
      );
    });
  }

  it('tells a file that was replaced between two reads', async () => {
    const source = await mounted();
    await read(source, 0, 100);
    hub.faultOf = () => 'other-etag';
    await assert.rejects(
      read(source, 100, 200),
      isProblem('remote-changed', 'was replaced while it was read'),
    );
  });

  it('ends a stalled read when it is aborted', async () => {
    const source = await mounted();
    hub.faultOf = () => 'stall';
    const controller = new AbortController();
    const reading = readRange(source, 0, 1000, controller.signal);
    setTimeout(() => {
      controller.abort(new Error('enough'));
    }, 50);
    await assert.rejects(reading);
  });

  it('gives the right bytes or an error in 10,000 reads with a fault in every tenth', async () => {
    const source = await mounted();
    const random = seeded(20_261_127);
    const uniform = (): number => random.next();
    const kinds = [...passingFaults.filter((fault) => fault !== 'stall'), ...lastingFaults];
    hub.faultOf = () => (uniform() < 0.1 ? (kinds[Math.floor(uniform() * kinds.length)] ?? null) : null);
    let errors = 0;
    for (let i = 0; i < 10_000; i++) {
      const from = Math.floor(uniform() * (bytes.length - 1));
      const length = 1 + Math.floor(uniform() * Math.min(700, bytes.length - from - 1));
      try {
        await read(source, from, from + length);
      } catch (error) {
        assert.ok(error instanceof ThreeGateError, String(error));
        errors += 1;
      }
    }
    assert.ok(errors > 200 && errors < 1200, `${errors} errors`);
  });

  it('shows its token to the Hub alone, and no signature to anybody', async () => {
    hub.token = 'hf_secret';
    try {
      const source = await mounted('hf_secret');
      await read(source, 0, 1000);
      assert.ok(hub.tokensSeen.length > 0);
      const host = new URL(hub.endpoint).host;
      assert.deepEqual(
        hub.tokensSeen.filter((place) => !place.startsWith(`${host}/`)),
        [],
      );
      await assert.rejects(mounted(), isProblem('remote-denied', 'HF_TOKEN'));
      hub.faultOf = () => 'unsatisfiable';
      await assert.rejects(
        readRange(source, 0, 10, signal),
        (error) => !/Signature|secret/.test(String(error)),
      );
    } finally {
      hub.token = null;
    }
  });
});

describe('a file at an address', () => {
  it('is pinned to its ETag, and called without its signature', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'three-gate-web-'));
    writeFileSync(join(folder, 'model.safetensors'), Buffer.alloc(5000, 7));
    const hub = await HubDouble.start();
    hub.add('org/model', folder);
    try {
      const signal = new AbortController().signal;
      const store = new SegmentStore(() => join(folder, 'unused'), 0);
      const files = new RemoteFiles(
        store,
        { endpoint: hub.endpoint, token: 'hf_secret', s3: noS3, send, limits },
        signal,
      );
      const named = await files.mount(`${hub.cdnOrigin}/org/model/model.safetensors?Signature=abc`);
      assert.equal(named, `${hub.cdnOrigin}/org/model/model.safetensors`);
      const source = await files.source(named);
      assert.ok(source !== null);
      assert.equal(source.size, 5000);
      assert.deepEqual(await readRange(source, 4000, 1000, signal), new Uint8Array(1000).fill(7));
      assert.deepEqual(hub.tokensSeen, []);
      hub.faultOf = () => 'other-etag';
      await assert.rejects(readRange(source, 0, 10, signal), isProblem('remote-changed', 'was replaced'));
      await assert.rejects(
        files.mount(`${hub.cdnOrigin}/org/model/none.safetensors`),
        isProblem('not-found', 'none'),
      );
      await assert.rejects(
        files.mount('http://example.org/model.safetensors'),
        isProblem('usage', 'encryption'),
      );
    } finally {
      await hub.close();
      rmSync(folder, { recursive: true });
    }
  });
});

function isProblem(code: string, part: string): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof ThreeGateError, String(error));
    assert.equal(error.problem.code, code, error.message);
    assert.ok(error.message.includes(part), error.message);
    return true;
  };
}
