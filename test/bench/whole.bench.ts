// A whole analysis through the engine process, as the editor runs it: time, peak memory of all its processes, time to
// the first layer's streaming pass, and the same base against a second tuned checkpoint with what the first run remembered.
//   node --import tsx test/bench/whole.bench.ts [--shape qwen2.5-1.5b] [--layers N] [--vocabulary N] [--engine native|wasm]
//     [--second]
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { layoutOfView, matrixBytesOf } from '../../src/engine/analysis/plan.ts';
import { matricesOf } from '../../src/engine/checkpoint/matrixView.ts';
import { EngineClient } from '../../src/node/engine/engineClient.ts';
import type { AnalysisOptions } from '../../src/shared/options/options.ts';
import { defaultOptions } from '../../src/shared/options/catalogue.ts';
import type { Report } from '../../src/shared/report/report.ts';
import type { AnalysisEvent } from '../../src/shared/protocol/analysisEvents.ts';
import { modelShapes } from './modelShapes.ts';

export interface WholeBench {
  shape: string;
  layers: number;
  parameters: number;
  engine: string;
  seconds: number;
  /** Until Gates I and III of every tensor of the first layer were told. */
  firstLayerSeconds: number;
  /** Highest sum of the resident sets of the engine and its client; null where /proc does not tell. */
  peakBytes: number | null;
  /** Both sides of the largest and of the second largest matrix, as they are held. */
  largestBytes: [number, number];
  bytesRead: number;
  streamSeconds: number;
  geometrySeconds: number;
  gemmSeconds: number;
  /** The second tuned checkpoint of the same base; null when it was not run. */
  secondSeconds: number | null;
}

interface WholeRequest {
  shape: string;
  layers: number;
  /** Rows of the embedding; the shape's own when absent. */
  vocabulary?: number;
  engine: 'native' | 'wasm';
  second: boolean;
}

interface Measured {
  report: Report;
  seconds: number;
  firstLayerSeconds: number;
  peakBytes: number | null;
}

export async function benchWhole(request: WholeRequest): Promise<WholeBench> {
  const { shape: name, layers, engine } = request;
  const model = modelShapes[name];
  assert.ok(model !== undefined, `no shape ${name}`);
  const scratch = mkdtempSync(join(tmpdir(), 'three-gate-whole-'));
  // Configs are looked for in three folders above a checkpoint: nothing of the machine's may be among them.
  const folder = join(scratch, 'runs', 'one');
  mkdirSync(folder, { recursive: true });
  const client = new EngineClient({ enginePath: resolve('dist/engine.cjs') });
  try {
    const [first, second] = [join(folder, 'first'), join(folder, 'second')];
    const options: AnalysisOptions = { ...defaultOptions, engine };
    const vocabulary = request.vocabulary ?? model.vocabulary;
    const make = (out: string, updateSeed: number): void => {
      const counts = { layers, vocabulary, 'update-seed': updateSeed };
      const numbers = Object.entries(counts).flatMap(([key, value]) => [`--${key}`, String(value)]);
      generate(['--shape', name, '--out', out, ...numbers]);
    };
    make(first, 1);
    const base = join(first, 'base');
    const found = await analyze(client, folder, base, join(first, 'tuned'), options);
    checkReport(found.report);
    let secondSeconds: number | null = null;
    if (request.second) {
      rmSync(join(first, 'tuned'), { recursive: true });
      make(second, 2);
      rmSync(join(second, 'base'), { recursive: true });
      const again = await analyze(client, folder, base, join(second, 'tuned'), options);
      checkReport(again.report);
      secondSeconds = again.seconds;
    }
    const { tensors, pair, engine: ran, timings } = found.report;
    return {
      shape: name,
      layers,
      parameters: pair.base.parameters,
      engine: ran.gemmLibrary,
      seconds: found.seconds,
      firstLayerSeconds: found.firstLayerSeconds,
      peakBytes: found.peakBytes,
      largestBytes: twoLargest(tensors),
      bytesRead: timings.bytesRead,
      streamSeconds: timings.streamMs / 1000,
      geometrySeconds: timings.geometryMs / 1000,
      gemmSeconds: timings.gemmMs / 1000,
      secondSeconds,
    };
  } finally {
    client.dispose();
    rmSync(scratch, { recursive: true, force: true });
  }
}

function twoLargest(tensors: Report['tensors']): [number, number] {
  const bytes = tensors.map(({ shape, module }) => {
    const view = matricesOf(shape, module);
    if (typeof view === 'string') return 0;
    return matrixBytesOf({ ...view, layout: layoutOfView(view, true, defaultOptions.rank) });
  });
  const [first = 0, second = 0] = bytes.sort((a, b) => b - a);
  return [first, second];
}

/** In a process of its own, whose memory is not this one's. */
function generate(args: readonly string[]): void {
  const command = ['--import', 'tsx', 'test/bench/makePair.ts', '--update', 'rlvr', ...args];
  const { status } = spawnSync(process.execPath, command, { stdio: ['ignore', 'ignore', 'inherit'] });
  assert.equal(status, 0, 'the pair could not be made');
}

async function analyze(
  client: EngineClient,
  folder: string,
  basePath: string,
  tunedPath: string,
  options: AnalysisOptions,
): Promise<Measured> {
  const started = performance.now();
  const seconds = (): number => (performance.now() - started) / 1000;
  const firstLayer = new FirstLayer();
  let firstLayerSeconds = Number.NaN;
  let peakBytes: number | null = null;
  const sampler = setInterval(() => {
    const now = residentBytes([process.pid, client.pid ?? 0]);
    if (now !== null) peakBytes = Math.max(peakBytes ?? 0, now);
  }, 100);
  try {
    const cacheDirectory = join(folder, 'cache');
    const report = await client.analyze(
      { basePath, tunedPath, options, configPaths: null, cacheDirectory },
      (event) => {
        if (firstLayer.completes(event)) firstLayerSeconds = seconds();
      },
      new AbortController().signal,
    );
    return { report, seconds: seconds(), firstLayerSeconds, peakBytes };
  } finally {
    clearInterval(sampler);
  }
}

/** Watches for the event with which the first layer has been streamed whole. */
class FirstLayer {
  private open: Set<number> | null = null;

  completes(event: AnalysisEvent): boolean {
    if (event.kind === 'started') {
      const { tensors } = event.report;
      const first = Math.min(...tensors.flatMap(({ layer }) => (layer === null ? [] : [layer])));
      this.open = new Set(tensors.flatMap(({ layer }, index) => (layer === first ? [index] : [])));
    }
    if (event.kind !== 'tensors' || this.open === null) return false;
    for (const { index, tensor } of event.changed) if (tensor.status !== 'pending') this.open.delete(index);
    if (this.open.size > 0) return false;
    this.open = null;
    return true;
  }
}

/** What the generator put in must come out before any time counts. */
function checkReport({ status, coverage, summary, tensors }: Report): void {
  assert.equal(status, 'complete');
  assert.equal(coverage.share, 1);
  assert.equal(summary.regime.name, 'rlvr-range');
  const unchanged = summary.precision.value?.sparsityBf16 ?? Number.NaN;
  assert.ok(unchanged > 0.6 && unchanged < 0.9, `unchanged ${unchanged}`);
  for (const { name, geometry } of tensors) {
    if (geometry.value !== null) assert.ok(geometry.value.residual <= 2e-6, `${name} is not converged`);
  }
}

/** Resident bytes of these processes; null off Linux. */
function residentBytes(pids: readonly number[]): number | null {
  let total = 0;
  for (const pid of pids) {
    try {
      const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
      total += Number(kilobytes ?? 0) * 1024;
    } catch {
      return null;
    }
  }
  return total;
}

if (process.argv[1] === import.meta.filename) {
  const { values } = parseArgs({
    options: {
      shape: { type: 'string', default: 'qwen2.5-1.5b' },
      layers: { type: 'string' },
      vocabulary: { type: 'string' },
      engine: { type: 'string', default: 'native' },
      second: { type: 'boolean', default: false },
    },
  });
  const layers = Number(values.layers ?? modelShapes[values.shape]?.layers);
  const engine = values.engine === 'wasm' ? 'wasm' : 'native';
  const { shape, second } = values;
  const vocabulary = values.vocabulary === undefined ? {} : { vocabulary: Number(values.vocabulary) };
  console.log(await benchWhole({ shape, layers, ...vocabulary, engine, second }));
}
