// Gate II of one square pair against two full float32 SVDs with vectors by LAPACK (numpy, where python3 has it), and
// how much of its time is spent inside GEMM, at which share of the library's own rate on the same shapes.
//   node --import tsx test/bench/geometry.bench.ts [--size 4096] [--engine native|wasm] [--no-lapack]
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { analyzeMatrix, type GeometryEngine } from '../../src/engine/gates/geometry.ts';
import type { GeometryMetrics } from '../../src/shared/report/metrics.ts';
import { geometryEngine, geometryOptions, matrixPair } from '../support/geometryEngine.ts';
import { packPair } from '../support/packPair.ts';
import { benchSideBySide, type SideBySide } from './sideBySide.ts';
import { ShapeLog } from './shapeLog.ts';
import { syntheticPair } from './syntheticWeights.ts';

/** An odd number, for the median. */
const rounds = 5;

export interface GeometryBench {
  size: number;
  engine: string;
  /** Of the run with the median time, as is all that follows. */
  seconds: number;
  gemmShare: number;
  /** Achieved inside the analysis, in GFLOP/s, and as a share of the same products timed alone. */
  gemmGflops: number;
  gemmRateShare: number;
  residual: number;
  /** Seconds of the two SVDs, and how many times longer they take; null without numpy. */
  lapackSeconds: number | null;
  timesFaster: number | null;
  /** Several such pairs at once; null where that was not asked for. */
  sideBySide: SideBySide | null;
}

interface Lapack {
  seconds: number;
  sigmaBase: number[];
  sigmaTuned: number[];
  left: number;
  right: number;
}

interface FloatPair {
  base: Float32Array;
  tuned: Float32Array;
}

export async function benchGeometry(
  size: number,
  kind: 'native' | 'wasm',
  lapack: boolean,
): Promise<GeometryBench> {
  const { base, tuned } = floatPair(size);
  const engine = await geometryEngine(kind, availableParallelism());
  const { gemm } = engine;
  const log = new ShapeLog(gemm);
  // As in an analysis: packed, and one matrix after the other in the same memory.
  const words = packPair(base, tuned);
  // One for all that a matrix after others finds made: sessions, memory, optimised code. Its products are timed alone later.
  await analyzeSquare(words, size, { ...engine, gemm: log });
  const runs: Run[] = [];
  for (let round = 0; round < rounds; round++) {
    const [busyMs, work] = [gemm.elapsedMs, gemm.operations];
    const started = performance.now();
    const found = await analyzeSquare(words, size, engine);
    const elapsedMs = performance.now() - started;
    runs.push({ found, elapsedMs, gemmMs: gemm.elapsedMs - busyMs, operations: gemm.operations - work });
  }
  const { found, elapsedMs, gemmMs, operations } = medianRun(runs);
  const alone = await log.aloneMs();
  await gemm.close();
  const reference = lapack ? await againstLapack(base, tuned, size, found) : null;
  return {
    size,
    engine: gemm.library,
    seconds: elapsedMs / 1000,
    gemmShare: gemmMs / elapsedMs,
    gemmGflops: operations / gemmMs / 1e6,
    gemmRateShare: alone / gemmMs,
    residual: found.residual,
    lapackSeconds: reference?.seconds ?? null,
    timesFaster: reference === null ? null : (reference.seconds * 1000) / elapsedMs,
    sideBySide: reference?.sideBySide ?? null,
  };
}

interface Run {
  found: GeometryMetrics;
  elapsedMs: number;
  gemmMs: number;
  operations: number;
}

function medianRun(runs: readonly Run[]): Run {
  const run = [...runs].sort((a, b) => a.elapsedMs - b.elapsedMs)[Math.floor(runs.length / 2)];
  assert.ok(run !== undefined);
  return run;
}

async function analyzeSquare(
  packed: Uint32Array,
  size: number,
  engine: GeometryEngine,
): Promise<GeometryMetrics> {
  const pair = matrixPair({ packed }, [size, size], { base: 'bf16', tuned: 'bf16' });
  const found = await analyzeMatrix(pair, geometryOptions, engine);
  assert.ok(found !== null && found.metrics.residual <= 1e-6);
  return found.metrics;
}

function floatPair(size: number): FloatPair {
  const pair = syntheticPair('bench', [size, size], 'rlvr', 3);
  const bits = { base: new Uint32Array(size * size), tuned: new Uint32Array(size * size) };
  const row = { base: new Uint16Array(size), tuned: new Uint16Array(size) };
  for (let i = 0; i < size; i++) {
    pair.fill(i, row.base, row.tuned);
    for (let j = 0; j < size; j++) {
      bits.base[i * size + j] = (row.base[j] ?? 0) << 16;
      bits.tuned[i * size + j] = (row.tuned[j] ?? 0) << 16;
    }
  }
  return { base: new Float32Array(bits.base.buffer), tuned: new Float32Array(bits.tuned.buffer) };
}

/** Null where python3 has no numpy. */
async function againstLapack(
  base: Float32Array,
  tuned: Float32Array,
  size: number,
  found: GeometryMetrics,
): Promise<{ seconds: number; sideBySide: SideBySide } | null> {
  const folder = mkdtempSync(join(tmpdir(), 'three-gate-lapack-'));
  try {
    const files = [join(folder, 'base.bin'), join(folder, 'tuned.bin')] as const;
    writeFileSync(files[0], base);
    writeFileSync(files[1], tuned);
    const args = ['test/bench/lapack.py', String(size), String(size), String(found.rank), ...files];
    const { status, stdout } = spawnSync('python3', args, { encoding: 'utf8', maxBuffer: 1 << 26 });
    if (status !== 0) return null;
    const reference = JSON.parse(stdout) as Lapack;
    compare(found, reference);
    const sideBySide = await benchSideBySide(packPair(base, tuned), size, files);
    return { seconds: reference.seconds, sideBySide };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The same numbers, as far as float32 LAPACK resolves them: σ to 1e-6 of σ₁, mean angles to 0.01°. */
function compare(found: GeometryMetrics, reference: Lapack): void {
  const scale = reference.sigmaBase[0] ?? 0;
  for (const [side, values] of [
    [found.sigmaBase, reference.sigmaBase],
    [found.sigmaTuned, reference.sigmaTuned],
  ] as const) {
    side.forEach((sigma, i) => {
      const other = values[i] ?? Number.NaN;
      assert.ok(Math.abs(sigma - other) <= 1e-6 * scale, `σ ${i}: ${sigma} and ${other}`);
    });
  }
  assert.ok(Math.abs(found.rotationLeftMeanDeg - reference.left) <= 0.01);
  assert.ok(Math.abs(found.rotationRightMeanDeg - reference.right) <= 0.01);
}

if (process.argv[1] === import.meta.filename) {
  const { values } = parseArgs({
    options: {
      size: { type: 'string', default: '4096' },
      engine: { type: 'string', default: 'native' },
      'no-lapack': { type: 'boolean', default: false },
    },
  });
  const engine = values.engine === 'wasm' ? 'wasm' : 'native';
  console.log(await benchGeometry(Number(values.size), engine, !values['no-lapack']));
}
