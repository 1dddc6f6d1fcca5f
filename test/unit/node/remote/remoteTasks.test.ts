// Masks and runs of remote checkpoints through the real engine process: what the local ones give, asked about as a whole
// before the first byte, and every byte read once.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { EngineClient } from '../../../../src/node/engine/engineClient.ts';
import { ThreeGateError } from '../../../../src/shared/errors.ts';
import type { MaskRequest, RunsRequest } from '../../../../src/shared/protocol/engineProtocol.ts';
import { HubDouble } from '../../../support/hubDouble.ts';

const nano = resolve('test/fixtures/nano');
const [base, grpo, sft] = ['base', 'grpo/checkpoint-100', 'sft'].map((path) => join(nano, path)) as [
  string,
  string,
  string,
];
const never = new AbortController().signal;
const isData = ({ path }: { path: string }): boolean => path.endsWith('.safetensors');

describe('of remote checkpoints', () => {
  let hub: HubDouble;
  let client: EngineClient;
  let scratch: string;
  const said: string[] = [];

  before(async () => {
    scratch = mkdtempSync(join(tmpdir(), 'three-gate-tasks-'));
    const steps = join(scratch, 'steps');
    mkdirSync(steps);
    cpSync(grpo, join(steps, 'checkpoint-50'), { recursive: true });
    cpSync(sft, join(steps, 'checkpoint-100'), { recursive: true });
    hub = await HubDouble.start();
    for (const [name, folder] of Object.entries({ base, grpo, sft, steps })) hub.add(`org/${name}`, folder);
    process.env['HF_ENDPOINT'] = hub.endpoint;
    client = new EngineClient({
      enginePath: resolve('dist/engine.cjs'),
      onLog: ({ message }) => said.push(message),
    });
  });
  beforeEach(() => {
    hub.reads.length = 0;
    hub.bytesSent = 0;
    said.length = 0;
  });
  after(async () => {
    client.dispose();
    delete process.env['HF_ENDPOINT'];
    await hub.close();
    rmSync(scratch, { recursive: true });
  });

  const mask = async (
    basePath: string,
    tunedPath: string,
    more: Partial<MaskRequest> = {},
  ): Promise<string> => {
    const outPath = join(scratch, `${createHash('sha256').update(basePath).digest('hex')}.safetensors`);
    const request: MaskRequest = {
      ...{ basePath, outPath, tunedPath: null, eta: 1e-3, match: null, exclude: [] },
      ...{ mask: { kind: 'update', tunedPath }, engine: 'wasm', threads: 1, remoteLimitBytes: null },
      ...more,
    };
    await client.exportMask(request, () => undefined, never);
    // The header names the checkpoints; what follows it are the masks.
    const file = readFileSync(outPath);
    return createHash('sha256')
      .update(file.subarray(8 + Number(file.readBigUInt64LE(0))))
      .digest('hex');
  };
  const runs = (
    basePath: string,
    runPaths: string[],
    more: Partial<RunsRequest> = {},
  ): ReturnType<EngineClient['compareRuns']> =>
    client.compareRuns(
      {
        ...{
          basePath,
          runPaths,
          eta: 1e-3,
          match: null,
          followSteps: false,
          directions: false,
          cacheDirectory: null,
        },
        analysis: {
          rank: 8,
          alpha: 0.3,
          engine: 'wasm',
          threads: 1,
          cacheGigabytes: 8,
          remoteCacheGigabytes: 20,
        },
        remoteLimitBytes: null,
        ...more,
      },
      () => undefined,
      never,
    );
  const asks = (work: Promise<unknown>): Promise<void> =>
    assert.rejects(work, (error) => error instanceof ThreeGateError && error.problem.code === 'remote-cost');

  it('a mask is that of the local ones, with every byte read once', async () => {
    const expected = await mask(base, grpo);
    assert.equal(await mask('hf://org/base', 'hf://org/grpo'), expected);
    assert.deepEqual(readTwice(hub), []);
    assert.ok(said.some((message) => message.includes('are to be read from elsewhere')));
  });

  it('a mask asks before it reads more than was allowed', async () => {
    await asks(mask('hf://org/base', 'hf://org/grpo', { remoteLimitBytes: 1000 }));
    // Headers and what lies beside them, of three megabytes.
    assert.ok(hub.bytesSent < 200_000, `${hub.bytesSent} bytes`);
  });

  it('runs are those of the local ones, with every byte read once', async () => {
    const expected = await runs(base, [grpo, sft]);
    const found = await runs('hf://org/base', ['hf://org/grpo', 'hf://org/sft']);
    assert.deepEqual(found.overlap.value?.whole, expected.overlap.value?.whole);
    assert.deepEqual(readTwice(hub), []);
  });

  it('a folder of checkpoints is followed, and asked about as a whole', async () => {
    const expected = await runs(base, [join(scratch, 'steps')]);
    const found = await runs(base, ['hf://org/steps']);
    const numbers = ({ trajectories }: typeof found): unknown =>
      trajectories.map(({ points }) => points.map(({ sparsityBf16, words }) => [sparsityBf16, words]));
    assert.equal(found.trajectories[0]?.points.length, 2);
    assert.deepEqual(numbers(found), numbers(expected));
    assert.deepEqual(readTwice(hub), []);
    // More than either has, and less than both.
    const needed = hub.reads.filter(isData).reduce((sum, { from, to }) => sum + to - from, 0);
    hub.bytesSent = 0;
    await asks(runs(base, ['hf://org/steps'], { remoteLimitBytes: Math.round(0.75 * needed) }));
    assert.ok(hub.bytesSent < 0.1 * needed, `${hub.bytesSent} of ${needed} bytes`);
  });
});

/** Reads of bytes of a tensor that were read before. */
function readTwice({ reads }: HubDouble): unknown[] {
  const data = reads.filter(isData);
  return data.filter(({ path, from, to }, i) =>
    data.slice(0, i).some((other) => other.path === path && other.from < to && from < other.to),
  );
}
