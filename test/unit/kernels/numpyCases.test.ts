// The streaming pass, file to totals, against what numpy computed from the definitions: small pairs of every dtype and
// shape with every kind of special value, and the genuine pairs.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { StoredTensor } from '../../../src/engine/checkpoint/checkpoint.ts';
import type { StreamResult, TensorStreamer } from '../../../src/engine/kernels/tensorStreamer.ts';
import { poolAnchor } from '../../../src/engine/gates/anchor.ts';
import { absorbedCount, tensorPrecision } from '../../../src/engine/gates/precision.ts';
import { createWorkerStreamer } from '../../../src/node/workers/workerStreamer.ts';
import {
  type Case,
  type Expected,
  type NanoTensor,
  assertClose,
  assertTotals,
  dist,
  pairOf,
  readFixture,
  scratchFolder,
  storedTensor,
  writeTensor,
} from './streamed.ts';
import { allHere } from '../../support/allHere.ts';

const scratch = scratchFolder();
let streamer: TensorStreamer;
before(async () => {
  streamer = await createWorkerStreamer({ bytes: allHere, threads: 2, folder: dist });
});
after(async () => {
  await streamer.close();
  scratch.remove();
});

describe('small pairs against numpy', () => {
  for (const found of readFixture('cases.json') as Case[]) {
    it(found.name, async () => {
      const { totals } = await streamCase(found);
      assertTotals(totals, found.expected);
      assert.deepEqual(listed(totals.rowChanged), found.expected.rowChanged);
      assert.deepEqual(listed(totals.columnChanged), found.expected.columnChanged);
      assertGates({ totals, base: null, tuned: null, packed: null }, found.expected);
    });
  }
});

describe('genuine pairs against numpy', () => {
  const runs = readFixture('nano.json') as Record<string, NanoTensor[]>;
  for (const [run, tensors] of Object.entries(runs)) {
    it(run, async () => {
      for (const { name, shape, offsets, expected } of tensors) {
        const bytes = 2 * shape.reduce((product, size) => product * size, 1);
        const file = (folder: string): string => join('test/fixtures/nano', folder, 'model.safetensors');
        const base = storedTensor(file('base'), offsets[0], 'BF16', shape, bytes);
        const tuned = storedTensor(file(run), offsets[1], 'BF16', shape, bytes);
        const result = await streamer.stream(
          pairOf(base, tuned),
          { eta: 1e-3, wantMatrices: false },
          new AbortController().signal,
        );
        assertTotals(result.totals, expected);
        assert.deepEqual(weighted(result.totals.rowChanged), expected.rowChanged, name);
        assert.deepEqual(weighted(result.totals.columnChanged), expected.columnChanged, name);
        assertGates(result, expected);
      }
    });
  }
});

async function streamCase(found: Case): Promise<StreamResult> {
  const [base, tuned] = (['base', 'tuned'] as const).map((side, i): StoredTensor => {
    const { dtype, data } = found[side];
    const bytes = Buffer.from(data, 'base64');
    const tensor = writeTensor(scratch.path, side, dtype, found.shape, bytes);
    const scale = found.scales?.[i];
    if (!scale) return tensor;
    const scaleBytes = Buffer.from(scale.data, 'base64');
    return { ...tensor, scale: writeTensor(scratch.path, `${side}Scale`, 'F32', scale.shape, scaleBytes) };
  });
  return streamer.stream(
    pairOf(base!, tuned!),
    { eta: found.eta, wantMatrices: false },
    new AbortController().signal,
  );
}

/** The gates' numbers that follow from the totals. */
function assertGates({ totals }: StreamResult, expected: Expected): void {
  for (const [rate, count] of Object.entries(expected.absorbed)) {
    assert.equal(absorbedCount(totals.baseExponents, Number(rate)), count);
  }
  const precision = tensorPrecision(totals, null, null);
  if (precision === null) return;
  assert.equal(precision.sparsityBf16, (expected.compared - expected.changedBf16) / expected.compared);
  for (const key of ['rowStripe', 'columnStripe'] as const) {
    const wanted = expected[key] ?? null;
    if (wanted === null) assert.equal(precision.stripe?.[key] ?? null, null);
    else assertClose(precision.stripe?.[key] ?? Number.NaN, wanted, key, 1e-9);
  }
  const share = poolAnchor(totals)?.topPercentEnergy ?? null;
  if (expected.topPercentEnergy === null) assert.equal(share, null);
  else assertClose(share ?? Number.NaN, expected.topPercentEnergy, 'topPercentEnergy', 2 ** -6);
}

function listed(counts: Float64Array | null): number[] | null {
  return counts && [...counts];
}

function weighted(counts: Float64Array | null): number[] | null {
  return counts && [counts.reduce((sum, count, i) => sum + (i + 1) * count, 0)];
}
