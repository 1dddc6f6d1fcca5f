// Updates on fused experts, tied heads and single rows, element by element against numpy (test/fixtures/field/adapters).
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { GeometryEngine } from '../../../src/engine/gates/geometry.ts';
import type { TensorStreamer } from '../../../src/engine/kernels/tensorStreamer.ts';
import { createWorkerStreamer } from '../../../src/node/workers/workerStreamer.ts';
import { geometryEngine } from '../../support/geometryEngine.ts';
import { pairingIn, relativeError, tunedOf } from './tuned.ts';
import { allHere } from '../../support/allHere.ts';

const fixtures = join(import.meta.dirname, '../../fixtures/field/adapters');
const expected = JSON.parse(readFileSync(join(fixtures, 'expected.json'), 'utf8')) as Record<
  string,
  Record<string, string>
>;

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

describe('updates that are placed on parts of a tensor', () => {
  for (const [name, tensors] of Object.entries(expected)) {
    it(`are numpy's for ${name}`, async () => {
      const { pairs, notCompared } = await pairingIn(join(fixtures, name), 'base', 'tuned');
      assert.deepEqual(notCompared, []);
      const changed = new Set<string>();
      for (const pair of pairs) {
        const { result, prepared } = await tunedOf(engine, streamer, pair);
        const key = pair.tuned.name;
        const wanted = tensors[key];
        if (wanted === undefined) {
          assert.ok(result.totals.identical, key);
          continue;
        }
        changed.add(key);
        assert.ok(result.tuned !== null && prepared !== null);
        const error = relativeError(result.tuned, wanted);
        assert.ok(error <= 1e-6, `${key}: ${error}`);
        assert.ok(result.totals.rawChanged <= (prepared.report.reached ?? pair.elements));
      }
      assert.deepEqual([...changed].sort(), Object.keys(tensors).sort());
    });
  }
});

describe('rows that an adapter gives', () => {
  it('are the ones stored, bit for bit', async () => {
    const { pairs } = await pairingIn(join(fixtures, 'rows-list'), 'base', 'tuned');
    const pair = pairs.find(({ tuned }) => tuned.adapter?.kind === 'rows');
    assert.ok(pair !== undefined);
    const { result } = await tunedOf(engine, streamer, pair);
    const wanted = new Float32Array(
      new Uint8Array(Buffer.from(expected['rows-list']?.[pair.name] ?? '', 'base64')).buffer,
    );
    assert.deepEqual(result.tuned, wanted);
    assert.equal(result.totals.rawChanged, 3 * 8);
  });
});

describe('a head that the base ties', () => {
  it('is compared as a head of its own, and the embeddings for themselves', async () => {
    const { pairs, elements, notes } = await pairingIn(join(fixtures, 'tied-head'), 'base', 'tuned');
    const places = pairs.map(({ name, base, module }) => [name, base.name, module]);
    const embedding = 'model.embed_tokens.weight';
    for (const place of [
      ['lm_head.weight', embedding, 'head'],
      [embedding, embedding, 'embed'],
    ]) {
      assert.ok(places.some((each) => each.join() === place.join()));
    }
    assert.equal(
      elements,
      pairs.reduce((sum, pair) => sum + pair.elements, 0),
    );
    assert.ok(notes.some((note) => note.includes('which the base ties to model.embed_tokens.weight')));
  });
});
