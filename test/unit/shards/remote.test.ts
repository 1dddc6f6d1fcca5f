// A remote pair in shards, from a Hub of this machine: each reads what it measures, and the merge gives the report of one machine.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { EngineClient } from '../../../src/node/engine/engineClient.ts';
import { defaultOptions } from '../../../src/shared/options/catalogue.ts';
import type { AnalysisOptions } from '../../../src/shared/options/options.ts';
import { HubDouble } from '../../support/hubDouble.ts';
import { engine, nano, numbers, Scratch } from './commandLine.ts';

const never = new AbortController().signal;
const scratch = new Scratch();
const options: AnalysisOptions = { ...defaultOptions, match: 'layers\\.[01]\\.self_attn|norm' };

describe('a remote pair in shards', () => {
  let hub: HubDouble;
  let client: EngineClient;

  before(async () => {
    hub = await HubDouble.start();
    hub.add('org/base', nano[0]);
    hub.add('org/run', nano[1]);
    process.env['HF_ENDPOINT'] = hub.endpoint;
    process.env['HF_TOKEN'] = 'hf_of_a_test';
    client = new EngineClient({ enginePath: engine });
  });
  after(async () => {
    client.dispose();
    delete process.env['HF_ENDPOINT'];
    delete process.env['HF_TOKEN'];
    await hub.close();
    scratch.remove();
  });

  it('is the report of one machine', async () => {
    const pair = { basePath: 'hf://org/base', tunedPath: 'hf://org/run@main', options, configPaths: null };
    const asked = { ...pair, cacheDirectory: null, remoteLimitBytes: null };
    const hear = (): void => undefined;
    const whole = await client.analyze(asked, hear, never);
    const directory = scratch.at('shards');
    for (const number of [1, 2, 3]) {
      const shard = { ...asked, number, shards: 3, directory, engine: options.engine };
      const { bytesRead } = await client.analyzeShard(shard, hear, never);
      assert.ok(bytesRead < whole.timings.bytesRead);
    }
    const paths = { basePath: null, tunedPath: null };
    const { report, missing } = await client.mergeShards({ directory, configPaths: null, ...paths }, never);
    assert.deepEqual(missing, []);
    assert.deepEqual(numbers(report), numbers(whole));
  });

  it('is not read beyond what was allowed', async () => {
    const pair = { basePath: 'hf://org/base', tunedPath: 'hf://org/run', options, configPaths: null };
    const shard = { number: 1, shards: 2, directory: scratch.at('costly'), engine: options.engine };
    const asked = { ...pair, ...shard, cacheDirectory: null, remoteLimitBytes: 1000 };
    await assert.rejects(
      client.analyzeShard(asked, () => undefined, never),
      /more than the 1\.00 kB that are read without being asked/u,
    );
  });
});
