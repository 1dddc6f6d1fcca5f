// W + ΔW computed from an adapter's factors, element by element against numpy's merge (test/fixtures/adapters/generate.py),
// on slices of genuine GRPO runs and on every initialisation that PEFT knows; and the ones that cannot be known, refused.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { alignmentOf } from '../../../src/engine/updates/alignment.ts';
import type { LowRank } from '../../../src/engine/updates/lowRank.ts';
import type { PreparedUpdate } from '../../../src/engine/updates/prepareUpdate.ts';
import type { Pairing, TensorPair } from '../../../src/engine/checkpoint/checkpoint.ts';
import type { GeometryEngine } from '../../../src/engine/gates/geometry.ts';
import type { TensorStreamer } from '../../../src/engine/kernels/tensorStreamer.ts';
import { createWorkerStreamer } from '../../../src/node/workers/workerStreamer.ts';
import type { AdapterAlignment } from '../../../src/shared/report/report.ts';
import { geometryEngine } from '../../support/geometryEngine.ts';
import { seeded } from '../../support/random.ts';
import { pairingIn, relativeError, tunedOf as tunedBy } from './tuned.ts';
import { allHere } from '../../support/allHere.ts';

const fixtures = join(import.meta.dirname, '../../fixtures/adapters');
type Expected = Record<string, Record<string, { float32: string; absorbed: number }>>;
const expected = JSON.parse(readFileSync(join(fixtures, 'expected.json'), 'utf8')) as Expected;

let engine: GeometryEngine;
let streamer: TensorStreamer;

before(async () => {
  engine = await geometryEngine('auto');
  streamer = await createWorkerStreamer({ bytes: allHere, threads: 1, folder: 'dist' });
});
after(async () => {
  await streamer.close();
  await engine.gemm.close();
});

const pairingOf = (adapter: string, base: string): Promise<Pairing> => pairingIn(fixtures, base, adapter);
const tunedOf = (pair: TensorPair): ReturnType<typeof tunedBy> => tunedBy(engine, streamer, pair);

describe('W + ΔW from the factors', () => {
  for (const [adapter, tensors] of Object.entries(expected)) {
    it(`equals numpy's merge for ${adapter}`, async () => {
      const base = `${adapter.split('/')[0] ?? ''}/base`;
      const { pairs, notCompared } = await pairingOf(adapter, base);
      assert.deepEqual(notCompared, []);
      for (const pair of pairs) {
        const { result } = await tunedOf(pair);
        const wanted = tensors[pair.name];
        if (wanted === undefined) {
          assert.ok(result.totals.identical, pair.name);
          continue;
        }
        assert.ok(result.tuned !== null && result.base !== null);
        const error = relativeError(result.tuned, wanted.float32);
        assert.ok(error <= 1e-6, `${pair.name}: ${error}`);
        const { compared, changedBf16 } = result.totals;
        assert.equal((compared - changedBf16) / compared, wanted.absorbed, pair.name);
      }
    });
  }
});

describe('the report of an adapter', () => {
  it('says how the update was had and where it lies', async () => {
    const reportOf = async (adapter: string): Promise<PreparedUpdate['report']> => {
      const { pairs } = await pairingOf(adapter, 'made/base');
      const pair = pairs.find(({ tuned }) => tuned.adapter !== undefined);
      assert.ok(pair !== undefined);
      const { prepared } = await tunedOf(pair);
      assert.ok(prepared !== null);
      return prepared.report;
    };
    const plain = await reportOf('made/init-true');
    assert.deepEqual([plain.method, plain.rank, plain.scaling, plain.correction], ['LoRA', 4, 2, null]);
    const pissa = await reportOf('made/pissa');
    assert.deepEqual([pissa.method, pissa.correction], ['LoRA (pissa)', 'recomputed']);
    // PiSSA reads and writes along the leading directions, far above a random adapter.
    assert.ok(pissa.alignment !== null && plain.alignment !== null);
    assert.ok(pissa.alignment.rowEnergy > 5 * pissa.alignment.rowEnergyExpected);
    assert.ok(plain.alignment.rowEnergy < 3 * plain.alignment.rowEnergyExpected);
    const started = await reportOf('made/corda');
    assert.equal(started.correction, 'initial factors');
  });
});

describe('where an adapter lies among the singular vectors of its base', () => {
  const found = JSON.parse(readFileSync(join(fixtures, 'alignment.json'), 'utf8')) as Record<
    string,
    Record<string, Record<string, number>>
  >;
  for (const [run, tensors] of Object.entries(found)) {
    it(`is what numpy's decomposition says of the genuine ${run} run`, async () => {
      const { pairs } = await pairingOf(`genuine/${run}`, 'genuine/base');
      const adapted = pairs.filter(({ tuned }) => tuned.adapter !== undefined);
      assert.deepEqual(adapted.map(({ name }) => name).sort(), Object.keys(tensors).sort());
      for (const pair of adapted) {
        const alignment: Partial<Record<string, number | null>> = {
          ...(await tunedOf(pair)).prepared?.report.alignment,
        };
        for (const [field, wanted] of Object.entries(tensors[pair.name] ?? {})) {
          const error = Math.abs((alignment[field] ?? NaN) - wanted);
          assert.ok(
            error <= 1e-6 * wanted + 1e-9,
            `${pair.name} ${field}: ${alignment[field]} for ${wanted}`,
          );
        }
      }
    });
  }

  it('finds PiSSA on the leading and MiLoRA-like factors on the trailing end', async () => {
    // W = diag(40 … 1) × an orthogonal matrix that only permutes, so that its singular vectors are axes.
    const [rows, columns, rank] = [40, 40, 4];
    const data = new Float32Array(rows * columns);
    for (let i = 0; i < rows; i++) data[i * columns + ((i * 7) % columns)] = rows - i;
    const factors = (from: number): LowRank => {
      const left = new Float64Array(rows * rank);
      const right = new Float64Array(rank * columns);
      for (let j = 0; j < rank; j++) {
        left[(from + j) * rank + j] = 0.1;
        right[j * columns + (((from + j) * 7) % columns)] = 0.1;
      }
      return { rows, columns, rank, left, right };
    };
    const shownAt = async (from: number): Promise<AdapterAlignment> =>
      (await alignmentOf(engine.gemm, engine.dense, { data, rows, columns }, factors(from))).shown;
    const leading = await shownAt(0);
    const trailing = await shownAt(rows - rank);
    const between = await shownAt(20);
    const shares = ({ rowLeading, rowTrailing, columnLeading, columnTrailing }: AdapterAlignment): number[] =>
      [rowLeading, rowTrailing, columnLeading, columnTrailing].map((share) =>
        Number((share ?? NaN).toFixed(9)),
      );
    assert.deepEqual(shares(leading), [1, 0, 1, 0]);
    assert.deepEqual(shares(trailing), [0, 1, 0, 1]);
    assert.deepEqual(shares(between), [0, 0, 0, 0]);
    assert.equal(leading.rowSubspaceExpected, rank / columns);
  });

  it('has no share for B = 0, and no trailing end beyond what is decomposed whole', async () => {
    const [rows, columns, rank] = [1030, 1100, 2];
    const random = seeded(5);
    const normal = (length: number): Float64Array =>
      Float64Array.from({ length }, () => random.between(-1, 1));
    const base = { data: new Float32Array(normal(rows * columns)), rows, columns };
    const left = new Float64Array(rows * rank);
    const { shown } = await alignmentOf(engine.gemm, engine.dense, base, {
      ...{ rows, columns, rank, left },
      right: normal(rank * columns),
    });
    assert.deepEqual([shown.columnLeading, shown.columnTrailing, shown.rowTrailing], [null, null, null]);
    assert.ok(shown.rowLeading !== null && shown.rowLeading < 10 * shown.rowSubspaceExpected);
  });
});

describe('updates that cannot be known', () => {
  for (const [adapter, init] of [
    ['refused-niter', 'pissa_niter_16'],
    ['refused-corda', 'corda'],
    ['refused-lora-ga', 'lora_ga'],
    ['refused-loftq', 'loftq'],
    ['refused-unknown', 'brand_new'],
  ] as const) {
    it(`refuses ${init} without its initial factors`, async () => {
      const { notCompared } = await pairingOf(`made/${adapter}`, 'made/base');
      assert.deepEqual(
        notCompared.map(({ name, reason }) => [name, reason.code]),
        [['model.layers.3.mlp.up_proj.weight', 'adapter-base-rewritten']],
      );
      assert.ok(notCompared[0]?.reason.message.includes(`"${init}"`));
    });
  }

  const refusedByWeights = async (adapter: string, base: string, message: RegExp): Promise<void> => {
    const { pairs } = await pairingOf(adapter, base);
    const pair = pairs.find(({ tuned }) => tuned.adapter !== undefined);
    assert.ok(pair !== undefined);
    await assert.rejects(tunedOf(pair), message);
  };

  it("tells PiSSA by its weights although its settings say 'true'", () =>
    refusedByWeights('made/refused-hidden-pissa', 'made/base', /repeats the base's own principal part/));

  it('recognises a residual base that was given as the base', async () => {
    const message = /the base given is the residual/;
    await refusedByWeights('made/pissa', 'made/residual', message);
    await refusedByWeights('made/refused-hidden-pissa', 'made/residual', message);
    await refusedByWeights('genuine/pissa', 'genuine/residual', message);
  });
});
