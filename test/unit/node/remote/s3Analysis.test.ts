// A pair on S3 through the real engine process, and the built bundle of the SDK: the numbers of the local one bit for bit.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { EngineClient } from '../../../../src/node/engine/engineClient.ts';
import { defaultOptions } from '../../../../src/shared/options/catalogue.ts';
import type { AnalysisOptions } from '../../../../src/shared/options/options.ts';
import type { Report } from '../../../../src/shared/report/report.ts';
import { passingFaults } from '../../../support/rangeFaults.ts';
import { seeded } from '../../../support/random.ts';
import { S3Double, s3Keys } from '../../../support/s3Double.ts';

const [base, tuned] = ['test/fixtures/nano/base', 'test/fixtures/nano/grpo/checkpoint-100'].map((path) =>
  resolve(path),
) as [string, string];
const options: AnalysisOptions = { ...defaultOptions, engine: 'wasm' };

describe('a pair on S3', () => {
  let s3: S3Double;
  let client: EngineClient;
  let cache: string;
  const analyze = (
    basePath: string,
    tunedPath: string,
    more: Partial<AnalysisOptions> = {},
  ): Promise<Report> =>
    client.analyze(
      {
        basePath,
        tunedPath,
        options: { ...options, ...more },
        configPaths: null,
        cacheDirectory: cache,
        remoteLimitBytes: null,
      },
      () => undefined,
      new AbortController().signal,
    );

  before(async () => {
    cache = mkdtempSync(join(tmpdir(), 'three-gate-s3-cache-'));
    s3 = await S3Double.start('weights');
    await s3.add('weights', 'models/base', base);
    await s3.add('weights', 'run/step-100', tuned);
    Object.assign(process.env, {
      AWS_ACCESS_KEY_ID: s3Keys.accessKeyId,
      AWS_SECRET_ACCESS_KEY: s3Keys.secretAccessKey,
      AWS_REGION: 'us-east-1',
      AWS_ENDPOINT_URL: s3.endpoint,
    });
    client = new EngineClient({ enginePath: resolve('dist/engine.cjs') });
  });
  beforeEach(() => {
    s3.faultOf = () => null;
    s3.reads.length = 0;
    s3.bytesSent = 0;
  });
  after(async () => {
    client.dispose();
    for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_REGION', 'AWS_ENDPOINT_URL']) {
      Reflect.deleteProperty(process.env, name);
    }
    await s3.close();
    rmSync(cache, { recursive: true });
  });

  it('lists what is in it', async () => {
    const listing = await client.inspect('s3://weights/run/step-100');
    assert.deepEqual(listing.problems, []);
    assert.equal(listing.tensors.length, (await client.inspect(tuned)).tensors.length);
  });

  it('gives the numbers of the local pair under a fault in every tenth reply', async () => {
    const random = seeded(7);
    const kinds = passingFaults.filter((fault) => fault !== 'stall');
    s3.faultOf = () => (random.next() < 0.1 ? (kinds[random.integer(kinds.length)] ?? null) : null);
    const local = await analyze(base, tuned, { useCache: false });
    const found = await analyze('s3://weights/models/base', 's3://weights/run/step-100');
    assert.deepEqual(numbersOf(found), numbersOf(local));
    const { origin } = found.pair.tuned;
    assert.equal(origin?.address, 's3://weights/run/step-100');
    assert.match(origin.hashes['model.safetensors'] ?? '', /^[0-9a-f]{32}$/);
    assert.ok(s3.bytesSent < 1.2 * (local.pair.base.bytes + local.pair.tuned.bytes) + 80_000);
  });

  it('is in the cache afterwards', async () => {
    await analyze('s3://weights/models/base', 's3://weights/run/step-100');
    assert.deepEqual(
      s3.reads.filter(({ path }) => path.endsWith('.safetensors')),
      [],
    );
  });
});

/** All that does not say when; places are called by their names on this machine. */
function numbersOf({ tensors, modules, layers, summary, coverage }: Report): unknown {
  const text = JSON.stringify({ tensors, modules, layers, summary, coverage });
  return JSON.parse(text.replaceAll('s3://weights/run/step-100', tuned)) as unknown;
}
