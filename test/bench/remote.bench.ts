// Gates I and III of a pair that a double of the Hub serves from loopback, against the same pair read from this machine's disk:
// numbers first, which must be the same bit for bit, then time, bytes and memory. Both start with nothing in any cache.
//   node --import tsx test/bench/remote.bench.ts [--shape qwen2.5-1.5b] [--layers N] [--rounds N]
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { EngineClient } from '../../src/node/engine/engineClient.ts';
import { defaultOptions } from '../../src/shared/options/catalogue.ts';
import type { AnalysisOptions } from '../../src/shared/options/options.ts';
import type { Report } from '../../src/shared/report/report.ts';
import { HubDouble } from '../support/hubDouble.ts';

export interface RemoteBench {
  shape: string;
  layers: number;
  /** Of the tensors of both sides. */
  bytesNeeded: number;
  /** Of bodies of range reads, as the double counts them. */
  bytesSent: number;
  /** Medians over the rounds. */
  localSeconds: number;
  remoteSeconds: number;
  /** Median of the ratios of neighbours: local time over remote time. */
  ratio: number;
  /** The same by the engine's processor time, which other work on the machine changes less; null off Linux. */
  processorRatio: number | null;
  /** Highest resident set of the engine over all rounds; null where /proc does not tell. */
  localPeakBytes: number | null;
  remotePeakBytes: number | null;
}

interface RemoteRequest {
  shape: string;
  layers: number;
  rounds: number;
}

interface Measured {
  report: Report;
  seconds: number;
  /** Of the engine; null off Linux. */
  processorSeconds: number | null;
  peakBytes: number | null;
}

const options: AnalysisOptions = { ...defaultOptions, gates: ['anchor', 'precision'] };

export async function benchRemote({ shape, layers, rounds }: RemoteRequest): Promise<RemoteBench> {
  const scratch = mkdtempSync(join(tmpdir(), 'three-gate-remote-bench-'));
  const hub = await HubDouble.start();
  try {
    // Configs are looked for in three folders above a checkpoint: nothing of the machine's may be among them.
    const folder = join(scratch, 'runs', 'one');
    const [base, tuned] = [join(folder, 'base'), join(folder, 'tuned')];
    generate(['--shape', shape, '--layers', String(layers), '--out', folder]);
    hub.add('org/base', base);
    hub.add('org/run', tuned);
    process.env['HF_ENDPOINT'] = hub.endpoint;
    const found = { local: [] as Measured[], remote: [] as Measured[] };
    for (let round = 0; round < rounds; round++) {
      for (const side of [base, tuned]) forgetPages(side);
      const local = await analyze(base, tuned, join(scratch, 'cache'));
      for (const side of [base, tuned]) forgetPages(side);
      hub.bytesSent = 0;
      const remote = await analyze('hf://org/base', 'hf://org/run', join(scratch, 'cache'));
      assert.deepEqual(numbersOf(remote.report), numbersOf(local.report));
      found.local.push(local);
      found.remote.push(remote);
    }
    const { pair } = found.local[0]?.report ?? assert.fail('no round');
    return {
      shape,
      layers,
      bytesNeeded: pair.base.bytes + pair.tuned.bytes,
      bytesSent: hub.bytesSent,
      localSeconds: median(found.local.map(({ seconds }) => seconds)),
      remoteSeconds: median(found.remote.map(({ seconds }) => seconds)),
      ratio: median(found.local.map(({ seconds }, i) => seconds / (found.remote[i]?.seconds ?? Number.NaN))),
      processorRatio: processorRatio(found.local, found.remote),
      localPeakBytes: highest(found.local),
      remotePeakBytes: highest(found.remote),
    };
  } finally {
    delete process.env['HF_ENDPOINT'];
    await hub.close();
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** In a process of its own, whose memory is not this one's. */
function generate(args: readonly string[]): void {
  const command = ['--import', 'tsx', 'test/bench/makePair.ts', '--update', 'rlvr', ...args];
  const { status } = spawnSync(process.execPath, command, { stdio: ['ignore', 'ignore', 'inherit'] });
  assert.equal(status, 0, 'the pair could not be made');
}

/** By an engine and a cache of its own, which are gone afterwards. */
async function analyze(basePath: string, tunedPath: string, cacheDirectory: string): Promise<Measured> {
  const client = new EngineClient({ enginePath: resolve('dist/engine.cjs') });
  mkdirSync(cacheDirectory);
  try {
    // The process is there before the clock starts.
    await client.inspect(resolve('test/fixtures/nano/base'));
    const before = processorSecondsOf(client.pid);
    const started = performance.now();
    const report = await client.analyze(
      { basePath, tunedPath, options, configPaths: null, cacheDirectory, remoteLimitBytes: null },
      () => undefined,
      new AbortController().signal,
    );
    const seconds = (performance.now() - started) / 1000;
    assert.equal(report.status, 'complete');
    const after = processorSecondsOf(client.pid);
    const processorSeconds = before === null || after === null ? null : after - before;
    return { report, seconds, processorSeconds, peakBytes: peakOf(client.pid) };
  } finally {
    client.dispose();
    rmSync(cacheDirectory, { recursive: true, force: true });
  }
}

/** Has the system read a folder's files from the disk the next time; where it has no `dd` of GNU, they stay in memory. */
function forgetPages(folder: string): void {
  for (const name of readdirSync(folder)) {
    spawnSync('dd', [`if=${join(folder, name)}`, 'iflag=nocache', 'count=0'], { stdio: 'ignore' });
  }
}

/** User and system time so far, in ticks of a hundredth of a second; null off Linux. */
export function processorSecondsOf(pid: number | undefined): number | null {
  try {
    const fields = readFileSync(`/proc/${pid ?? 0}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return (Number(fields[11]) + Number(fields[12])) / 100;
  } catch {
    return null;
  }
}

function processorRatio(local: readonly Measured[], remote: readonly Measured[]): number | null {
  const ratios = local.flatMap(({ processorSeconds }, i) => {
    const other = remote[i]?.processorSeconds ?? null;
    return processorSeconds === null || other === null ? [] : [processorSeconds / other];
  });
  return ratios.length === 0 ? null : median(ratios);
}

/** Highest resident set so far; null off Linux. */
function peakOf(pid: number | undefined): number | null {
  try {
    const status = readFileSync(`/proc/${pid ?? 0}/status`, 'utf8');
    return 1024 * Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? Number.NaN);
  } catch {
    return null;
  }
}

/** All that does not say when or where. */
function numbersOf({ tensors, modules, layers, summary, coverage }: Report): unknown {
  const measured = tensors.map(({ anchor, precision, geometry, status }) => [
    anchor,
    precision,
    geometry,
    status,
  ]);
  return { measured, modules, layers, anchor: summary.anchor, precision: summary.precision, coverage };
}

function highest(all: readonly Measured[]): number | null {
  const peaks = all.flatMap(({ peakBytes }) => peakBytes ?? []);
  return peaks.length === 0 ? null : Math.max(...peaks);
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

if (process.argv[1] === import.meta.filename) {
  const { values } = parseArgs({
    options: {
      shape: { type: 'string', default: 'qwen2.5-1.5b' },
      layers: { type: 'string', default: '8' },
      rounds: { type: 'string', default: '3' },
    },
  });
  const { shape, layers, rounds } = values;
  console.log(await benchRemote({ shape, layers: Number(layers), rounds: Number(rounds) }));
}
