// What the size-matched null of rotation and drift adds to Gate II: its draws for the seven matrices of one layer against
// measuring these matrices as a lane of an analysis does, one thread, in the same process.
//   node --import tsx test/bench/null.bench.ts [--shape qwen2.5-1.5b]
import assert from 'node:assert/strict';
import { parseArgs } from 'node:util';
import { analyzeMatrix, type GeometryEngine, type MeasuredMatrix } from '../../src/engine/gates/geometry.ts';
import { drawNull, type NullDraws, type Spectrum } from '../../src/engine/gates/nullGeometry.ts';
import { geometryEngine, geometryOptions, matrixPair } from '../support/geometryEngine.ts';
import { modelShapes, tensorsOf } from './modelShapes.ts';
import { syntheticPair } from './syntheticWeights.ts';

export interface NullBench {
  shape: string;
  matrices: number;
  /** Of all matrices together, each the shortest of its rounds. */
  measureSeconds: number;
  drawSeconds: number;
}

const rounds = 5;
/** Values beyond the leading ones that a search leaves known. */
const ritzValues = 192;

export async function benchNull(shape: string): Promise<NullBench> {
  const model = modelShapes[shape];
  assert.ok(model !== undefined, `no shape ${shape}`);
  const layer = tensorsOf({ ...model, layers: 1 }).filter(
    ({ name, shape: sizes }) => name.includes('.layers.0.') && sizes.length === 2,
  );
  const engine = await geometryEngine('native', 1);
  try {
    const found: NullBench = { shape, matrices: layer.length, measureSeconds: 0, drawSeconds: 0 };
    for (const { name, shape: sizes } of layer) {
      const [rows = 0, columns = 0] = sizes;
      const words = packedPair(name, rows, columns);
      const times = await timeMatrix(words, rows, columns, engine);
      found.measureSeconds += times.measure / 1000;
      found.drawSeconds += times.draw / 1000;
    }
    return found;
  } finally {
    await engine.gemm.close();
  }
}

/** Milliseconds, shortest of the rounds; the two are timed in turn. */
async function timeMatrix(
  words: Uint32Array,
  rows: number,
  columns: number,
  engine: GeometryEngine,
): Promise<{ measure: number; draw: number }> {
  const best = { measure: Infinity, draw: Infinity };
  for (let round = 0; round < rounds; round++) {
    let started = performance.now();
    const found = await analyzeMatrix(
      matrixPair({ packed: words.slice() }, [rows, columns], { base: 'bf16', tuned: 'bf16' }),
      geometryOptions,
      engine,
    );
    best.measure = Math.min(best.measure, performance.now() - started);
    assert.ok(found !== null && typeof found.draws !== 'string', 'this pair has no null');
    const spectrum = spectrumLike(found, rows, columns);
    started = performance.now();
    const draws = drawNull(spectrum, found.deltaEnergy, geometryOptions.seed, engine.dense);
    best.draw = Math.min(best.draw, performance.now() - started);
    assert.ok(typeof draws !== 'string');
    checkDraws(draws, found.draws);
  }
  return best;
}

/** As the search leaves it, but that the values beyond the leading ones fall off evenly. */
function spectrumLike({ metrics, baseEnergy }: MeasuredMatrix, rows: number, columns: number): Spectrum {
  const leading = Float64Array.from(metrics.sigmaBase);
  const [smaller, last] = [Math.min(rows, columns), leading[leading.length - 1] ?? 0];
  const singles = Math.min(ritzValues, smaller - leading.length);
  const unknown = smaller - leading.length - singles;
  const left = baseEnergy - leading.reduce((sum, value) => sum + value * value, 0);
  const mean = Math.max(0, left) / (singles + unknown);
  // A little below the last leading value, as the gap decides what the draws give.
  const top = Math.min(last * last * (1 - 2 / leading.length), 1.5 * mean);
  const rest = Array.from({ length: singles }, (_, i) => ({
    square: top - ((top - mean) * i) / singles,
    count: 1,
  }));
  if (unknown > 0) rest.push({ square: mean, count: unknown });
  return { rows, columns, leading, rest };
}

/** Draws of nearly the same spectrum: of the same size within a factor of two. */
function checkDraws(draws: NullDraws, told: NullDraws): void {
  const mean = (values: Float64Array): number =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  const ratio = mean(draws.leftDeg) / mean(told.leftDeg);
  assert.ok(ratio > 0.5 && ratio < 2, `mean angle of the draws: ${ratio} times that of the analysis`);
}

function packedPair(name: string, rows: number, columns: number): Uint32Array {
  const pair = syntheticPair(name, [rows, columns], 'rlvr', 3);
  const words = new Uint32Array(rows * columns);
  const [base, tuned] = [new Uint16Array(columns), new Uint16Array(columns)];
  for (let i = 0; i < rows; i++) {
    pair.fill(i, base, tuned);
    for (let j = 0; j < columns; j++) {
      words[i * columns + j] = ((base[j] ?? 0) | ((tuned[j] ?? 0) << 16)) >>> 0;
    }
  }
  return words;
}

if (process.argv[1] === import.meta.filename) {
  const { values } = parseArgs({ options: { shape: { type: 'string', default: 'qwen2.5-1.5b' } } });
  console.log(await benchNull(values.shape));
}
