// Range reads of an S3 double, which checks signatures: whatever goes wrong, the bytes are right or there is an error that
// says what to do, and no secret is in it.
import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import type { RangeSource } from '../../../../src/engine/files/rangeSource.ts';
import { RemoteFiles } from '../../../../src/node/remote/remoteFiles.ts';
import { SegmentStore } from '../../../../src/node/remote/segmentStore.ts';
import { remoteSettings } from '../../../../src/node/remote/settings.ts';
import { ThreeGateError } from '../../../../src/shared/errors.ts';
import { lastingFaults, passingFaults, type Fault } from '../../../support/rangeFaults.ts';
import { readRange } from '../../../support/readRange.ts';
import { S3Double, s3Keys } from '../../../support/s3Double.ts';

const limits = { stallMs: 1000, attempts: 6, pauseMs: 0, longestWaitMs: 1000 };
const address = 's3://weights/run/step-400/model.safetensors';
const signal = new AbortController().signal;
const variables = [
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_REGION',
  'AWS_ENDPOINT_URL_S3',
  'AWS_EC2_METADATA_DISABLED',
  'AWS_CONFIG_FILE',
  'AWS_SHARED_CREDENTIALS_FILE',
];

describe('an object of S3', () => {
  let s3: S3Double;
  const kept = new Map(variables.map((name) => [name, process.env[name]]));
  const bytes = Buffer.alloc(60_000);
  for (let i = 0; i < bytes.length; i += 4) bytes.writeUInt32LE(Math.imul(i, 2_654_435_761) >>> 0, i);

  before(async () => {
    s3 = await S3Double.start('weights');
    await s3.put('weights', 'run/step-400/model.safetensors', bytes);
    await s3.put('weights', 'run/step-400/config.json', Buffer.from('{"model_type": "llama"}'));
    await s3.put('weights', 'run/step-4000/model.safetensors', Buffer.alloc(100));
  });
  beforeEach(() => {
    s3.faultOf = () => null;
    s3.refusalOf = () => null;
    s3.reads.length = 0;
    Object.assign(process.env, {
      AWS_ACCESS_KEY_ID: s3Keys.accessKeyId,
      AWS_SECRET_ACCESS_KEY: s3Keys.secretAccessKey,
      AWS_REGION: 'us-east-1',
      AWS_ENDPOINT_URL_S3: s3.endpoint,
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_CONFIG_FILE: join(tmpdir(), 'three-gate-no-such-file'),
      AWS_SHARED_CREDENTIALS_FILE: join(tmpdir(), 'three-gate-no-such-file'),
    });
  });
  after(async () => {
    for (const [name, value] of kept) {
      if (value === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = value;
    }
    await s3.close();
  });

  const open = async (): Promise<RemoteFiles> => {
    const store = new SegmentStore(() => join(tmpdir(), 'three-gate-unused'), 0);
    return new RemoteFiles(store, { ...(await remoteSettings(process.env)), limits }, signal);
  };
  const mounted = async (): Promise<RangeSource> => {
    const files = await open();
    await files.mount('s3://weights/run/step-400/');
    const source = await files.source(address);
    assert.ok(source !== null);
    return source;
  };
  const read = async (source: RangeSource, from: number, to: number): Promise<void> => {
    const found = await readRange(source, from, to - from, signal);
    assert.equal(Buffer.compare(Buffer.from(found), bytes.subarray(from, to)), 0, `bytes ${from}–${to}`);
  };
  const once = (fault: Fault): void => {
    s3.faultOf = () => (s3.reads.length === 0 ? fault : null);
  };

  it('is found under its prefix, named by its ETag, and read by ranges', async () => {
    const files = await open();
    await files.mount('s3://weights/run/step-400');
    assert.deepEqual(await files.list('s3://weights/run/step-400'), ['config.json', 'model.safetensors']);
    assert.equal(await files.source('s3://weights/run/step-4000/model.safetensors'), null);
    const origin = await files.originOf('s3://weights/run/step-400');
    assert.equal(origin?.address, 's3://weights/run/step-400');
    assert.match(origin.hashes['model.safetensors'] ?? '', /^[0-9a-f]{32}$/);
    const source = await mounted();
    assert.equal(source.size, bytes.length);
    assert.match(source.identity, /^etag:[0-9a-f]{32}:60000$/);
    await read(source, 0, bytes.length);
    await read(source, 17, 4242);
  });

  it('may be named itself, and brings what lies beside it', async () => {
    const files = await open();
    assert.equal(await files.mount(address), address);
    assert.equal((await files.source(address))?.size, bytes.length);
    assert.ok((await files.source('s3://weights/run/step-400/config.json')) !== null);
  });

  it('is found in whichever region it lies', async () => {
    s3.region = 'eu-north-1';
    try {
      await read(await mounted(), 100, 200);
    } finally {
      s3.region = 'us-east-1';
    }
  });

  it('may be read where its bucket may not be listed', async () => {
    const files = await open();
    s3.refusalOf = (isListing) => (isListing ? { status: 403, code: 'AccessDenied' } : null);
    await files.mount(address);
    const source = await files.source(address);
    assert.ok(source !== null);
    await read(source, 100, 200);
  });

  it('is one of as many as all pages of the list have, whatever characters are in its name', async () => {
    const names = ['a b', 'ä', "it's (1)!", 'b+c', 'x=y&z', '~tilde', 'p%20q', 'last'];
    for (const name of names) await s3.put('weights', `odd/${name}.json`, Buffer.from(name));
    const files = await open();
    await files.mount('s3://weights/odd');
    assert.deepEqual(await files.list('s3://weights/odd'), names.map((name) => `${name}.json`).sort());
    for (const name of names) {
      const source = await files.source(`s3://weights/odd/${name}.json`);
      const found = await readRange(source!, 0, Buffer.byteLength(name), signal);
      assert.equal(Buffer.from(found).toString(), name);
    }
  });

  for (const fault of passingFaults) {
    it(`goes on after ${fault}`, async () => {
      const source = await mounted();
      once(fault);
      await read(source, 1000, 31_000);
      assert.ok(s3.reads.length >= 2);
    });
  }

  for (const fault of lastingFaults) {
    it(`never takes the bytes of ${fault}`, async () => {
      const source = await mounted();
      once(fault);
      await assert.rejects(readRange(source, 1000, 30_000, signal), (error) => {
        assert.ok(error instanceof ThreeGateError, String(error));
        assert.match(error.problem.code, /^remote-(?:failed|changed)$/);
        assert.equal(error.problem.file, address);
        return true;
      });
    });
  }

  it('is asked for by its ETag', async () => {
    const source = await mounted();
    s3.refusalOf = () => ({ status: 412, code: 'PreconditionFailed' });
    await assert.rejects(readRange(source, 0, 10, signal), isProblem('remote-changed', 'bytes 0–9'));
  });

  it('ends a stalled read when it is aborted', async () => {
    const source = await mounted();
    const controller = new AbortController();
    s3.faultOf = () => {
      setImmediate(() => {
        controller.abort(new Error('enough'));
      });
      return 'stall';
    };
    await assert.rejects(readRange(source, 0, 1000, controller.signal));
  });

  const refusals = [
    [404, 'NoSuchBucket', 'not-found', 'no such bucket'],
    [403, 'AccessDenied', 'remote-denied', 's3:GetObject'],
    [403, 'SignatureDoesNotMatch', 'remote-denied', 'AWS_SECRET_ACCESS_KEY'],
    [301, 'PermanentRedirect', 'remote-failed', 'AWS_REGION'],
    [403, 'ExpiredToken', 'remote-failed', 'renew them'],
    [503, 'SlowDown', 'remote-failed', '6 times in a row'],
  ] as const;
  for (const [status, code, problem, part] of refusals) {
    it(`says what to do about ${code}`, async () => {
      const files = await open();
      s3.refusalOf = () => ({ status, code });
      await assert.rejects(files.mount('s3://weights/run/step-400'), isProblem(problem, part));
    });
  }

  it('says what to do where there are no credentials, and where they are not accepted', async () => {
    Reflect.deleteProperty(process.env, 'AWS_SECRET_ACCESS_KEY');
    await assert.rejects((await open()).mount(address), isProblem('remote-denied', 'aws sso login'));
    process.env['AWS_SECRET_ACCESS_KEY'] = 'not-this-one';
    await assert.rejects((await open()).mount(address), isProblem('remote-denied', 'does not accept'));
  });

  it('says what is not there, and what no bucket can be called', async () => {
    const files = await open();
    await assert.rejects(files.mount('s3://weights/none'), isProblem('not-found', 's3://weights/none'));
    await assert.rejects(files.mount('s3://elsewhere/none'), isProblem('not-found', 'no such bucket'));
    await assert.rejects(files.mount('s3://a/b'), isProblem('usage', 's3://bucket/folder'));
  });

  it('does not go beyond this network without encryption', async () => {
    process.env['AWS_ENDPOINT_URL_S3'] = 'http://storage.example.org';
    await assert.rejects((await open()).mount(address), isProblem('usage', 'without encryption'));
  });
});

function isProblem(code: string, part: string): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof ThreeGateError, String(error));
    assert.equal(error.problem.code, code, error.message);
    assert.ok(error.message.includes(part), error.message);
    assert.doesNotMatch(error.message, /Signature=|AWS4-HMAC|S3RVER|not-this-one|secret\b/);
    return true;
  };
}
