// A pair that a double of the Hub serves from its memory over loopback, against the same pair on this machine, both as the system
// holds it in memory and as it comes from the disk: reading it alone, then Gates I and III, whose numbers must be the same bit
// for bit; time, processor time, bytes and memory. No cache holds anything remote.
//   node --import tsx test/bench/remote.bench.ts [--shape qwen2.5-1.5b] [--layers N] [--rounds N]
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { EngineClient } from '../../src/node/engine/engineClient.ts';
import { defaultOptions } from '../../src/shared/options/catalogue.ts';
import type { AnalysisOptions } from '../../src/shared/options/options.ts';
import type { Report } from '../../src/shared/report/report.ts';
import { HubProcess } from './hubProcess.ts';
import { forgetPages, peakOf, processorSecondsOf } from './machine.ts';
import { type ReadingTime, timeBareSocket, timeReading } from './remoteReading.ts';

export interface RemoteBench {
  shape: string;
  layers: number;
  /** Of the tensors of both sides. */
  bytesNeeded: number;
  /** Of bodies of range reads, as the double counts them. */
  bytesSent: number;
  /** Medians over the rounds: of files that the system holds in memory, and of those that come from the disk. */
  localSeconds: number;
  diskSeconds: number;
  remoteSeconds: number;
  /** Median of the ratios of neighbours: local time over remote time. */
  ratio: number;
  diskRatio: number;
  /** The first by the engine's processor time, which other work on the machine changes less; null off Linux. */
  processorRatio: number | null;
  reading: ReadingBench;
  /** Highest resident set of the engine over all rounds; null where /proc does not tell. */
  localPeakBytes: number | null;
  remotePeakBytes: number | null;
}

/** Reading alone, through the port; medians over the rounds. */
interface ReadingBench {
  localSeconds: number;
  diskSeconds: number;
  remoteSeconds: number;
  /** By plain sockets, which throw everything away. */
  bareSeconds: number;
  /** Medians of the ratios of neighbours: local time over remote time, and over that of plain sockets. */
  ratio: number;
  diskRatio: number;
  bareRatio: number;
  /** Nanoseconds of processor time a byte: of who reads, and of the double that sends; null off Linux. */
  localNs: number;
  remoteNs: number;
  bareNs: number;
  sendingNs: number | null;
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
  // Configs are looked for in three folders above a checkpoint: nothing of the machine's may be among them.
  const folder = join(scratch, 'runs', 'one');
  const local = [join(folder, 'base'), join(folder, 'tuned')] as const;
  generate(['--shape', shape, '--layers', String(layers), '--out', folder]);
  const hub = await HubProcess.start(served(local));
  const place: Place = {
    hub,
    local,
    remote: ['hf://org/base', 'hf://org/run'],
    cache: join(scratch, 'cache'),
  };
  process.env['HF_ENDPOINT'] = hub.endpoint;
  try {
    const readings: ReadingRound[] = [];
    const analyses: AnalysisRound[] = [];
    for (let round = 0; round < rounds; round++) {
      readings.push(await readingRound(place));
      analyses.push(await analysisRound(place));
    }
    const [first = assert.fail('no round')] = analyses;
    const { pair } = first.local.report;
    const bytesNeeded = pair.base.bytes + pair.tuned.bytes;
    const [locals, remotes] = [analyses.map((each) => each.local), analyses.map((each) => each.remote)];
    return {
      shape,
      layers,
      bytesNeeded,
      bytesSent: first.bytesSent,
      localSeconds: median(locals.map(({ seconds }) => seconds)),
      diskSeconds: median(analyses.map((each) => each.disk.seconds)),
      remoteSeconds: median(remotes.map(({ seconds }) => seconds)),
      ratio: median(analyses.map((each) => each.local.seconds / each.remote.seconds)),
      diskRatio: median(analyses.map((each) => each.disk.seconds / each.remote.seconds)),
      processorRatio: processorRatio(locals, remotes),
      reading: {
        localSeconds: median(readings.map((each) => each.local.seconds)),
        diskSeconds: median(readings.map((each) => each.disk.seconds)),
        remoteSeconds: median(readings.map((each) => each.remote.seconds)),
        bareSeconds: median(readings.map((each) => each.bare.seconds)),
        ratio: median(readings.map((each) => each.local.seconds / each.remote.seconds)),
        diskRatio: median(readings.map((each) => each.disk.seconds / each.remote.seconds)),
        bareRatio: median(readings.map((each) => each.local.seconds / each.bare.seconds)),
        localNs: median(readings.map((each) => each.local.processorNs)),
        remoteNs: median(readings.map((each) => each.remote.processorNs)),
        bareNs: median(readings.map((each) => each.bare.processorNs)),
        sendingNs: sendingNs(readings, bytesNeeded),
      },
      localPeakBytes: highest(locals),
      remotePeakBytes: highest(remotes),
    };
  } finally {
    delete process.env['HF_ENDPOINT'];
    await hub.close();
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Where the pair lies, twice. */
interface Place {
  hub: HubProcess;
  local: readonly [string, string];
  remote: readonly [string, string];
  /** Made for a run, and gone with it. */
  cache: string;
}

interface ReadingRound {
  disk: ReadingTime;
  bare: ReadingTime;
  local: ReadingTime;
  remote: ReadingTime;
  /** Of the double; null off Linux. */
  sendingSeconds: number | null;
}

interface AnalysisRound {
  disk: Measured;
  local: Measured;
  remote: Measured;
  bytesSent: number;
}

async function readingRound({ hub, local, remote, cache }: Place): Promise<ReadingRound> {
  local.forEach(forgetPages);
  const disk = timeReading(local, cache);
  const fromMemory = timeReading(local, cache);
  const bare = timeBareSocket(served(local));
  const before = processorSecondsOf(hub.pid);
  const fromHub = timeReading(remote, cache);
  const after = processorSecondsOf(hub.pid);
  rmSync(cache, { recursive: true, force: true });
  await hub.bytesSent();
  return {
    disk,
    bare,
    local: fromMemory,
    remote: fromHub,
    sendingSeconds: before === null || after === null ? null : after - before,
  };
}

async function analysisRound({ hub, local, remote, cache }: Place): Promise<AnalysisRound> {
  local.forEach(forgetPages);
  const disk = await analyze(local, cache);
  const fromMemory = await analyze(local, cache);
  const fromHub = await analyze(remote, cache);
  assert.deepEqual(numbersOf(fromHub.report), numbersOf(fromMemory.report));
  return { disk, local: fromMemory, remote: fromHub, bytesSent: await hub.bytesSent() };
}

function served([base, tuned]: readonly [string, string]): Record<string, string> {
  return { 'org/base': base, 'org/run': tuned };
}

function sendingNs(rounds: readonly ReadingRound[], bytes: number): number | null {
  const known = rounds.flatMap(({ sendingSeconds }) => sendingSeconds ?? []);
  return known.length === 0 ? null : (1e9 * median(known)) / bytes;
}

/** In a process of its own, whose memory is not this one's. */
function generate(args: readonly string[]): void {
  const command = ['--import', 'tsx', 'test/bench/makePair.ts', '--update', 'rlvr', ...args];
  const { status } = spawnSync(process.execPath, command, { stdio: ['ignore', 'ignore', 'inherit'] });
  assert.equal(status, 0, 'the pair could not be made');
}

/** By an engine and a cache of its own, which are gone afterwards. */
async function analyze(
  [basePath, tunedPath]: readonly [string, string],
  cacheDirectory: string,
): Promise<Measured> {
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

function processorRatio(local: readonly Measured[], remote: readonly Measured[]): number | null {
  const ratios = local.flatMap(({ processorSeconds }, i) => {
    const other = remote[i]?.processorSeconds ?? null;
    return processorSeconds === null || other === null ? [] : [processorSeconds / other];
  });
  return ratios.length === 0 ? null : median(ratios);
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
