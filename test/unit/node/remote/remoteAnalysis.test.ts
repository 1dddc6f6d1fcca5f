// A remote pair through the real engine process: the numbers of the local one bit for bit, no byte twice, none in vain.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { EngineClient } from '../../../../src/node/engine/engineClient.ts';
import { ThreeGateError } from '../../../../src/shared/errors.ts';
import { defaultOptions } from '../../../../src/shared/options/catalogue.ts';
import type { AnalysisOptions } from '../../../../src/shared/options/options.ts';
import type { Report } from '../../../../src/shared/report/report.ts';
import { HubDouble } from '../../../support/hubDouble.ts';
import { passingFaults } from '../../../support/rangeFaults.ts';
import { seeded } from '../../../support/random.ts';

const [base, tuned] = ['test/fixtures/nano/base', 'test/fixtures/nano/grpo/checkpoint-100'].map((path) =>
  resolve(path),
) as [string, string];
const options: AnalysisOptions = { ...defaultOptions, engine: 'wasm' };
/** What a checkpoint costs beyond its tensors: header and small files. */
const besideData = 40_000;

describe('a remote pair', () => {
  let hub: HubDouble;
  let client: EngineClient;
  let caches: string;
  let local: Report;

  before(async () => {
    caches = mkdtempSync(join(tmpdir(), 'three-gate-remote-test-'));
    hub = await HubDouble.start();
    hub.add('org/base', base);
    hub.add('org/run', tuned);
    process.env['HF_ENDPOINT'] = hub.endpoint;
    process.env['HF_TOKEN'] = 'hf_of_a_test';
    client = new EngineClient({ enginePath: resolve('dist/engine.cjs') });
    local = await analyze(base, tuned, null);
  });
  beforeEach(() => {
    hub.faultOf = () => null;
    hub.reads.length = 0;
    hub.bytesSent = 0;
  });
  after(async () => {
    client.dispose();
    delete process.env['HF_ENDPOINT'];
    delete process.env['HF_TOKEN'];
    await hub.close();
    rmSync(caches, { recursive: true });
  });

  const analyze = (
    basePath: string,
    tunedPath: string,
    cacheDirectory: string | null,
    more: Partial<AnalysisOptions> = {},
    remoteLimitBytes: number | null = null,
  ): Promise<Report> =>
    client.analyze(
      {
        basePath,
        tunedPath,
        options: { ...options, ...more },
        configPaths: null,
        cacheDirectory,
        remoteLimitBytes,
      },
      () => undefined,
      new AbortController().signal,
    );
  const dataBytes = ({ pair }: Report): number => pair.base.bytes + pair.tuned.bytes;

  it('gives the numbers of the local pair bit for bit, with every byte read once', async () => {
    const found = await analyze('hf://org/base', 'hf://org/run@main', null);
    assert.deepEqual(numbersOf(found), numbersOf(local));
    assert.ok(
      hub.bytesSent <= 1.02 * dataBytes(local) + besideData,
      `${hub.bytesSent} bytes of ${dataBytes(local)}`,
    );
    assert.deepEqual(overlapping(hub), []);
  });

  it('says which commit and which files were read', async () => {
    const { pair } = await analyze('hf://org/base', tuned, null, { gates: ['precision'] });
    assert.equal(pair.base.path, 'hf://org/base@main');
    assert.equal(pair.base.origin?.commit, hub.commit);
    assert.match(pair.base.origin.hashes['model.safetensors'] ?? '', /^[0-9a-f]{64}$/);
    assert.equal(pair.tuned.origin, undefined);
  });

  it('gives them under a fault in every tenth reply, too', async () => {
    const random = seeded(5);
    const kinds = passingFaults.filter((fault) => fault !== 'stall');
    hub.faultOf = () => (random.next() < 0.1 ? (kinds[random.integer(kinds.length)] ?? null) : null);
    // Many small reads: a tensor here and there.
    for (const match of ['q_proj', 'down_proj|norm', 'layers\\.[13]']) {
      const [found, expected] = [
        await analyze('hf://org/base', 'hf://org/run', null, { match }),
        await analyze(base, tuned, null, { match }),
      ];
      assert.deepEqual(numbersOf(found), numbersOf(expected));
    }
    assert.ok(hub.reads.some(({ fault }) => fault !== null));
  });

  it('reads nothing but what --match asks for', async () => {
    const found = await analyze('hf://org/base', 'hf://org/run', null, { match: 'layers\\.2\\..*q_proj' });
    assert.equal(found.tensors.length, 1);
    const needed = found.tensors.reduce((sum, { elements }) => sum + 4 * elements, 0);
    const data = hub.reads.filter(({ path, from }) => path.endsWith('.safetensors') && from > 8192);
    assert.ok(data.reduce((sum, { from, to }) => sum + to - from, 0) <= 1.02 * needed);
  });

  it('reads no byte again that the cache has', async () => {
    const cache = join(caches, 'kept');
    const first = await analyze('hf://org/base', 'hf://org/run', cache);
    hub.reads.length = 0;
    const second = await analyze('hf://org/base', 'hf://org/run', cache);
    assert.deepEqual(
      hub.reads.filter(({ path }) => path.endsWith('.safetensors')),
      [],
    );
    assert.deepEqual(numbersOf(second), numbersOf(first));
  });

  it('reads a file once that both sides have', async () => {
    hub.add('org/copy', base);
    const found = await analyze('hf://org/base', 'hf://org/copy', null);
    assert.equal(found.summary.regime.name, 'unchanged');
    assert.ok(hub.bytesSent <= 1.02 * found.pair.base.bytes + besideData);
    assert.deepEqual(
      hub.reads.filter(({ path }) => path === 'org/copy/model.safetensors'),
      [],
    );
  });

  it('asks before it reads more than was allowed', async () => {
    await assert.rejects(
      analyze('hf://org/base', 'hf://org/run', null, {}, 1000),
      (error) => error instanceof ThreeGateError && error.problem.code === 'remote-cost',
    );
    assert.ok(hub.bytesSent < 0.1 * dataBytes(local), `${hub.bytesSent} bytes`);
  });

  it('makes a row of a tensor that cannot be read, never zeros', async () => {
    hub.faultOf = ({ path, from }) => (path.endsWith('.safetensors') && from > 1024 ? 'unsatisfiable' : null);
    const found = await analyze('hf://org/base', tuned, null, { gates: ['precision'] });
    const failed = found.tensors.filter(({ status }) => status === 'unreadable');
    assert.equal(failed.length, found.tensors.length);
    for (const { problem } of failed) assert.equal(problem?.code, 'remote-failed');
  });

  it('shows its token to the Hub alone', () => {
    const host = new URL(hub.endpoint).host;
    assert.ok(hub.tokensSeen.length > 0);
    assert.deepEqual(
      hub.tokensSeen.filter((place) => !place.startsWith(`${host}/`)),
      [],
    );
  });
});

/** All that does not say when; places are called by their names on this machine. */
function numbersOf({ tensors, modules, layers, summary, coverage }: Report): unknown {
  const text = JSON.stringify({ tensors, modules, layers, summary, coverage });
  return JSON.parse(text.replaceAll('hf://org/run@main', tuned)) as unknown;
}

/** Reads of bytes that were read before. */
function overlapping({ reads }: HubDouble): unknown[] {
  return reads.filter(({ path, from, to }, i) =>
    reads.slice(0, i).some((other) => other.path === path && other.from < to && from < other.to),
  );
}
