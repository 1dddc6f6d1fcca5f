// As many equal pairs at once as an analysis would decompose, against as many processes of LAPACK with a thread each:
// what a pair costs where there are many of them.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { createDecomposer, usualLanes } from '../../src/node/workers/decomposer.ts';
import { createGemm } from '../../src/node/gemm/createGemm.ts';
import { geometryOptions, matrixPair } from '../support/geometryEngine.ts';

export interface SideBySide {
  /** Pairs at once. */
  pairs: number;
  /** Time by the clock over the number of pairs. */
  secondsPerPair: number;
  /** Share of the lanes' time inside matrix products. */
  gemmShare: number;
  lapackSecondsPerPair: number | null;
}

const rounds = 2;

/** @param files holding both sides as float32, or null where LAPACK is not to be run. */
export async function benchSideBySide(
  words: Uint32Array,
  size: number,
  files: readonly [string, string] | null,
): Promise<SideBySide> {
  const threads = availableParallelism();
  const { gemm } = await createGemm('native', threads);
  const decomposer = createDecomposer({ gemm, threads, folder: resolve('dist'), lanes: usualLanes });
  const pairs = decomposer.lanes;
  try {
    let seconds = Infinity;
    let gemmShare = 0;
    for (let round = 0; round < rounds; round++) {
      const copies = Array.from({ length: pairs }, () => ({ packed: words.slice() }));
      const [started, before] = [performance.now(), decomposer.gemmMs + gemm.elapsedMs];
      const found = await Promise.all(
        copies.map((copy) =>
          decomposer.measure(
            matrixPair(copy, [size, size], { base: 'bf16', tuned: 'bf16' }),
            geometryOptions,
            null,
          ),
        ),
      );
      const elapsed = performance.now() - started;
      for (const each of found) assert.ok(each !== null && each.metrics.residual <= 1e-6);
      if (elapsed >= 1000 * seconds) continue;
      seconds = elapsed / 1000;
      gemmShare = (decomposer.gemmMs + gemm.elapsedMs - before) / elapsed / pairs;
    }
    const lapack = files === null ? null : await lapackSeconds(files, size, pairs);
    return { pairs, secondsPerPair: seconds / pairs, gemmShare, lapackSecondsPerPair: lapack };
  } finally {
    await decomposer.close();
    await gemm.close();
  }
}

/** The slowest of `count` processes over their number; null where one fails. */
async function lapackSeconds(
  files: readonly [string, string],
  size: number,
  count: number,
): Promise<number | null> {
  const runs = Array.from({ length: count }, () => lapackProcess(files, size));
  const seconds = await Promise.all(runs);
  return seconds.includes(null) ? null : Math.max(...seconds.map(Number)) / count;
}

function lapackProcess(files: readonly [string, string], size: number): Promise<number | null> {
  const args = ['test/bench/lapack.py', String(size), String(size), '8', ...files];
  const env = { ...process.env, OPENBLAS_NUM_THREADS: '1', OMP_NUM_THREADS: '1', MKL_NUM_THREADS: '1' };
  return new Promise((done) => {
    const child = spawn('python3', args, { env, stdio: ['ignore', 'pipe', 'ignore'] });
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (part: string) => (text += part));
    child.on('error', () => {
      done(null);
    });
    child.on('close', (status) => {
      done(status === 0 ? (JSON.parse(text) as { seconds: number }).seconds : null);
    });
  });
}
