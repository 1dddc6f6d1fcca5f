// The generator of large pairs: what it writes are checkpoints, the same for the same seed, and with the marks of the
// kind of run that was asked for.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { addAnchor, newAnchorPool, poolAnchor } from '../../../src/engine/gates/anchor.ts';
import { addPrecision, newPrecisionPool, poolPrecision } from '../../../src/engine/gates/precision.ts';
import type { AnchorMetrics, PrecisionMetrics } from '../../../src/shared/report/metrics.ts';
import { createWorkerStreamer } from '../../../src/node/workers/workerStreamer.ts';
import { modelShapes, tensorsOf } from '../../bench/modelShapes.ts';
import { type PairRequest, makePair } from '../../bench/makePair.ts';
import { dist, pairOf, scratchFolder, storedTensor } from './streamed.ts';
import { allHere } from '../../support/allHere.ts';

const scratch = scratchFolder();
after(() => {
  scratch.remove();
});

type Header = Record<string, { dtype: string; shape: number[]; data_offsets: [number, number] }>;

describe('make-pair', () => {
  it('writes the shapes of the published models', () => {
    const parameters = (name: string): number =>
      tensorsOf(modelShapes[name]!).reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
    // As the model cards say: 0.49, 1.54 and 7.61 billion.
    assert.equal(parameters('qwen2.5-0.5b'), 494_032_768);
    assert.equal(parameters('qwen2.5-1.5b'), 1_543_714_304);
    assert.equal(parameters('qwen2.5-7b'), 7_615_616_512);
    assert.equal(parameters('nano'), 801_920);
  });

  it('shards with an index, each header spanning its file', () => {
    const out = written('sharded', 'rlvr', 3, 400_000);
    for (const side of ['base', 'tuned']) {
      const files = readdirSync(join(out, side)).filter((name) => name.endsWith('.safetensors'));
      assert.ok(files.length > 3);
      const index = JSON.parse(readFileSync(join(out, side, 'model.safetensors.index.json'), 'utf8')) as {
        metadata: { total_size: number };
        weight_map: Record<string, string>;
      };
      assert.equal(index.metadata.total_size, 2 * 801_920);
      const seen = new Map<string, string>();
      for (const file of files) {
        const { header, dataStart, size } = readHeader(join(out, side, file));
        for (const name of Object.keys(header)) seen.set(name, file);
        assert.equal(dataStart % 8, 0);
        assert.equal(
          size,
          dataStart + Math.max(...Object.values(header).map((entry) => entry.data_offsets[1])),
        );
      }
      assert.deepEqual(Object.fromEntries(seen), index.weight_map);
    }
  });

  it('writes the same bytes for the same seed, and others for another', () => {
    const digest = (out: string): string =>
      ['base', 'tuned']
        .map((side) =>
          createHash('sha256')
            .update(readFileSync(join(out, side, 'model.safetensors')))
            .digest('hex'),
        )
        .join();
    const first = digest(written('a', 'rlvr', 1));
    assert.equal(digest(written('b', 'rlvr', 1)), first);
    assert.notEqual(digest(written('c', 'rlvr', 2)), first);
    const [base, tuned] = first.split(',');
    const other = digest(written('d', 'rlvr', 1, 2 ** 30, 2)).split(',');
    assert.equal(other[0], base);
    assert.notEqual(other[1], tuned);
  });

  it('gives RLVR a quarter of small changes, and SFT nearly everything', async () => {
    const rlvr = await measured(written('rlvr', 'rlvr', 4));
    assert.ok(rlvr.precision.sparsityBf16 > 0.7 && rlvr.precision.sparsityBf16 < 0.8);
    assert.ok((rlvr.anchor.relativeDrift ?? 1) < 2e-3);
    const { one, two } = rlvr.precision.ulpHistogram;
    assert.ok(one + two > 0.6 * rlvr.precision.counts.changedBf16);
    const sft = await measured(written('sft', 'sft', 4));
    assert.ok(sft.precision.sparsityBf16 < 0.1);
    assert.ok((sft.anchor.relativeDrift ?? 0) > 0.03);
  });
});

function written(
  name: string,
  update: PairRequest['update'],
  seed: number,
  shardBytes = 2 ** 30,
  updateSeed = seed,
): string {
  const out = join(scratch.path, name);
  makePair({ shape: modelShapes['nano']!, update, out, seed, updateSeed, shardBytes }, () => undefined);
  return out;
}

function readHeader(file: string): { header: Header; dataStart: number; size: number } {
  const bytes = readFileSync(file);
  const dataStart = 8 + Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.toString('utf8', 8, dataStart)) as Header;
  delete header['__metadata__'];
  return { header, dataStart, size: bytes.length };
}

async function measured(out: string): Promise<{ precision: PrecisionMetrics; anchor: AnchorMetrics }> {
  const streamer = await createWorkerStreamer({ bytes: allHere, threads: 2, folder: dist });
  const counts = newPrecisionPool();
  const energies = newAnchorPool();
  const [base, tuned] = ['base', 'tuned'].map((side) => join(out, side, 'model.safetensors'));
  const { header, dataStart } = readHeader(base!);
  for (const { shape, data_offsets: span } of Object.values(header)) {
    const stored = [base!, tuned!].map((file) =>
      storedTensor(file, dataStart + span[0], 'BF16', shape, span[1] - span[0]),
    );
    const options = { eta: 1e-3, wantMatrices: false };
    const { totals } = await streamer.stream(
      pairOf(stored[0]!, stored[1]!),
      options,
      new AbortController().signal,
    );
    addPrecision(counts, totals);
    addAnchor(energies, totals);
  }
  await streamer.close();
  const precision = poolPrecision(counts, null, null);
  const anchor = poolAnchor(energies);
  assert.ok(precision !== null && anchor !== null);
  return { precision, anchor };
}
