// The decomposer from the built bundle: lanes, threads or processes as under Electron, give the bits of one thread, remember
// what they found, and report their failures as this thread would.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { BaseMemory, MatrixPair, MeasuredMatrix } from '../../../src/engine/gates/geometry.ts';
import type { Kept } from '../../../src/engine/linalg/keptTriplets.ts';
import type { Gemm } from '../../../src/engine/linalg/gemm.ts';
import { createDecomposer } from '../../../src/node/workers/decomposer.ts';
import { createGemm } from '../../../src/node/gemm/createGemm.ts';
import { ThreeGateError } from '../../../src/shared/errors.ts';
import { geometryOptions, matrixPair } from '../../support/geometryEngine.ts';
import { hashWeights, stepWeights } from '../../support/hashMatrix.ts';
import { packPair } from '../../support/packPair.ts';

const folder = resolve('dist');
const [rows, columns] = [600, 530];

type FloatPair = Extract<MatrixPair, { base: unknown }>;

const storage = { base: 'bf16', tuned: 'bf16' } as const;

let gemm: Gemm;
before(async () => {
  ({ gemm } = await createGemm('native', 2));
});
after(() => gemm.close());

for (const lanes of ['threads', 'processes'] as const) {
  describe(`decomposer over ${lanes}`, () => {
    const pairOf = (seed: number): FloatPair => {
      const base = hashWeights(rows, columns, seed);
      const tuned = stepWeights(base, rows, columns, 0.25, seed + 1);
      return { ...matrixPair({ base, tuned }, [rows, columns], storage), base, tuned };
    };
    const measureAll = async (threads: number, pairs: MatrixPair[]): Promise<(MeasuredMatrix | null)[]> => {
      const decomposer = createDecomposer({ gemm, threads, folder, lanes });
      try {
        const found = await Promise.all(pairs.map((pair) => decomposer.measure(pair, geometryOptions, null)));
        assert.equal(decomposer.gemmMs > 0, threads > 1, 'products inside workers are counted');
        return found;
      } finally {
        await decomposer.close();
      }
    };

    it('gives the same bits with one lane and with several', async () => {
      const seeds = [3, 5, 7];
      const one = await measureAll(1, seeds.map(pairOf));
      const several = await measureAll(3, seeds.map(pairOf));
      assert.equal(one.length, 3);
      assert.deepEqual(several, one);
    });

    it('hands over matrices that share a buffer without touching their neighbours', async () => {
      const elements = rows * columns;
      const stack = { base: new Float32Array(2 * elements), tuned: new Float32Array(2 * elements) };
      const pairs = [pairOf(3), pairOf(5)];
      const alone = await measureAll(
        1,
        pairs.map((pair) => ({ ...pair, tuned: pair.tuned.slice() })),
      );
      const parts = pairs.map((pair, i): MatrixPair => {
        stack.base.set(pair.base, i * elements);
        stack.tuned.set(pair.tuned, i * elements);
        const part = (values: Float32Array): Float32Array =>
          values.subarray(i * elements, (i + 1) * elements);
        return matrixPair({ base: part(stack.base), tuned: part(stack.tuned) }, [rows, columns], storage);
      });
      assert.deepEqual(await measureAll(2, parts), alone);
      assert.equal(stack.base.length, 2 * elements, 'the stack was not handed over');
    });

    it('takes packed sides of bf16, and parts of a stack of them, for the bits of float32', async () => {
      const pairs = [pairOf(3), pairOf(5)];
      const stack = new Uint32Array(2 * rows * columns);
      pairs.forEach(({ base, tuned }, i) => {
        stack.set(packPair(base, tuned), i * rows * columns);
      });
      const kept = stack.slice();
      const packed = pairs.map((_, i): MatrixPair => {
        const words = stack.subarray(i * rows * columns, (i + 1) * rows * columns);
        return matrixPair({ packed: words }, [rows, columns], storage);
      });
      const found = await measureAll(2, packed);
      assert.deepEqual(stack, kept, 'the stack was not handed over');
      assert.deepEqual(await measureAll(1, packed), found);
      assert.deepEqual(await measureAll(2, pairs), found);
    });

    it('takes a remembered basis along and brings a new one back', async () => {
      const decomposer = createDecomposer({ gemm, threads: 2, folder, lanes });
      const kept: Kept[] = [];
      const memory: BaseMemory = {
        recall: () => Promise.resolve(kept[0] ?? null),
        remember: (basis) => Promise.resolve(void kept.push(basis)),
      };
      try {
        const fresh = await decomposer.measure(pairOf(3), geometryOptions, memory);
        assert.equal(kept.length, 1);
        const recalled = await decomposer.measure(pairOf(3), geometryOptions, memory);
        assert.equal(kept.length, 1, 'what was known is not brought back');
        assert.ok(fresh !== null && recalled !== null);
        assert.ok(recalled.metrics.passes < fresh.metrics.passes);
        assert.deepEqual({ ...recalled.metrics, passes: 0 }, { ...fresh.metrics, passes: 0 });
      } finally {
        await decomposer.close();
      }
    });

    it('fails the matrix whose worker fails, and goes on', async () => {
      const decomposer = createDecomposer({ gemm, threads: 2, folder, lanes });
      try {
        const pair = pairOf(3);
        const wrong = { ...pair, layout: { ...pair.layout, rows: rows + 7 } };
        await assert.rejects(decomposer.measure(wrong, geometryOptions, null));
        assert.ok((await decomposer.measure(pairOf(3), geometryOptions, null)) !== null);
      } finally {
        await decomposer.close();
      }
    });

    it('rejects what is under way when it is closed', async () => {
      const decomposer = createDecomposer({ gemm, threads: 2, folder, lanes });
      const under = decomposer.measure(pairOf(3), geometryOptions, null);
      const rejected = assert.rejects(under);
      await decomposer.close();
      await rejected;
    });
  });
}

describe('a process that goes down', () => {
  const broken = mkdtempSync(join(tmpdir(), 'three-gate-lanes-'));
  after(() => {
    rmSync(broken, { recursive: true });
  });

  for (const [what, ends, told] of [
    ['is killed as by a crash of a library', "process.kill(process.pid, 'SIGSEGV')", /was killed by SIGSEGV/],
    ['ends on its own', 'process.exit(7)', /ended with exit code 7/],
  ] as const) {
    it(`${what}, and the engine is said to have crashed`, async () => {
      writeFileSync(join(broken, 'geometryWorker.cjs'), `process.on('message', () => ${ends});`);
      const decomposer = createDecomposer({ gemm, threads: 2, folder: broken, lanes: 'processes' });
      const base = hashWeights(rows, columns, 3);
      const tuned = stepWeights(base, rows, columns, 0.25, 4);
      const pair = matrixPair({ packed: packPair(base, tuned) }, [rows, columns], storage);
      await assert.rejects(decomposer.measure(pair, geometryOptions, null), (error) => {
        assert.ok(error instanceof ThreeGateError);
        assert.equal(error.problem.code, 'engine-crashed');
        assert.match(error.message, told);
        return true;
      });
      await decomposer.close();
    });
  }
});
