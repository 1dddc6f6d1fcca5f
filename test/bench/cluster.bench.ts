// What many cores and many machines would take: one matrix measured with one and two threads and in two lanes, and from that,
// by the planner and the cost model of the analysis itself, the time of real models.
import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { planLanes } from '../../src/engine/analysis/lanes.ts';
import { pack } from '../../src/engine/shards/packing.ts';
import { unitsOf } from '../../src/engine/shards/units.ts';
import { createGemm } from '../../src/node/gemm/createGemm.ts';
import { createDecomposer, usualLanes } from '../../src/node/workers/decomposer.ts';
import { defaultOptions } from '../../src/shared/options/catalogue.ts';
import { geometryOptions, matrixPair } from '../support/geometryEngine.ts';
import { imbalance } from '../support/imbalance.ts';
import { largeModels, planOfShapes } from '../support/largeModels.ts';
import { syntheticPair } from './syntheticWeights.ts';

interface ClusterRow {
  model: string;
  machines: number;
  /** Of each machine, and the lanes that its memory allows. */
  cores: number;
  lanes: number;
  seconds: number;
  imbalance: number;
}

export interface ClusterBench {
  /** Rows and columns of the matrix that was measured. */
  size: number;
  oneThreadSeconds: number;
  twoThreadsSeconds: number;
  /** Of each of two at once. */
  twoLanesSeconds: number;
  rows: ClusterRow[];
}

const rounds = 3;
const coreCounts = [2, 8, 32, 64, 128];
const machineCounts = [1, 4, 16, 64];
const bytesPerCore = 4 * 2 ** 30;
const matrixShare = 1 / 4;
/** Lanes that fill a memory bus. */
const busLanes = 8;

export async function benchCluster(size: number): Promise<ClusterBench> {
  const words = wordsOf(size);
  const measured = {
    size,
    oneThreadSeconds: await secondsOf(words, size, 1, 1),
    twoThreadsSeconds: await secondsOf(words, size, 2, 1),
    twoLanesSeconds: await secondsOf(words, size, 2, 2),
  };
  return { ...measured, rows: Object.keys(largeModels).flatMap((model) => rowsOf(model, measured)) };
}

/** Both sides of a square bf16 pair, packed. */
function wordsOf(size: number): Uint32Array {
  const pair = syntheticPair('bench', [size, size], 'rlvr', 3);
  const row = { base: new Uint16Array(size), tuned: new Uint16Array(size) };
  const words = new Uint32Array(size * size);
  for (let i = 0; i < size; i += 1) {
    pair.fill(i, row.base, row.tuned);
    for (let j = 0; j < size; j += 1) {
      words[i * size + j] = ((row.tuned[j] ?? 0) << 16) | (row.base[j] ?? 0);
    }
  }
  return words;
}

/** Of each of `lanes` equal pairs at once. */
async function secondsOf(words: Uint32Array, size: number, threads: number, lanes: number): Promise<number> {
  const { gemm } = await createGemm('native', threads);
  const options = { gemm, threads, atOnce: lanes, folder: resolve('dist'), lanes: usualLanes };
  const decomposer = createDecomposer(options);
  try {
    let best = Infinity;
    for (let round = 0; round <= rounds; round += 1) {
      const pairs = Array.from({ length: lanes }, () =>
        matrixPair({ packed: words.slice() }, [size, size], { base: 'bf16', tuned: 'bf16' }),
      );
      const started = performance.now();
      const found = await Promise.all(pairs.map((pair) => decomposer.measure(pair, geometryOptions, null)));
      assert.ok(found.every((each) => each !== null && each.metrics.residual <= 1e-6));
      // The first starts the workers.
      if (round > 0) best = Math.min(best, (performance.now() - started) / 1000);
    }
    return best;
  } finally {
    await decomposer.close();
    await gemm.close();
  }
}

function rowsOf(model: string, measured: Omit<ClusterBench, 'rows'>): ClusterRow[] {
  const { steps } = planOfShapes(largeModels[model]?.() ?? [], defaultOptions);
  return machineCounts.flatMap((machines) => {
    const units = unitsOf(steps, defaultOptions, machines);
    const shards = pack(units, machines);
    const longest = Math.max(
      ...shards.map((places) => places.reduce((sum, place) => sum + (units[place]?.cost ?? 0), 0)),
    );
    return coreCounts.map((cores) => {
      const lanes = planLanes(steps, cores, cores * bytesPerCore * matrixShare);
      const pace = paceOf(lanes, Math.floor(cores / lanes), measured) / paceOf(2, 1, measured);
      return { model, machines, cores, lanes, seconds: longest / pace, imbalance: imbalance(units, shards) };
    });
  });
}

/** Matrices in the time that one takes with one thread: Amdahl within a lane, and lanes that hinder each other. */
function paceOf(lanes: number, threads: number, measured: Omit<ClusterBench, 'rows'>): number {
  const { oneThreadSeconds: one, twoThreadsSeconds: two, twoLanesSeconds: beside } = measured;
  const serial = Math.min(1, Math.max(0, (2 * two) / one - 1));
  const hindered = Math.max(0, beside / one - 1);
  const within = 1 / (serial + (1 - serial) / threads);
  return (lanes * within) / (1 + hindered * Math.min(lanes - 1, busLanes - 1));
}
