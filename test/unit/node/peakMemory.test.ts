// The memory of an analysis on a pair far larger than its budget: matrices stay within it, whatever else an analysis needs
// to run at all. What is counted is held, not what a collector has not come to yet, so a busy machine changes nothing.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { defaultOptions } from '../../../src/shared/options/catalogue.ts';
import { makePair } from '../../bench/makePair.ts';
import { modelShapes } from '../../bench/modelShapes.ts';
import { analyzeWatched } from '../../support/liveMemory.ts';

const scratch = mkdtempSync(join(tmpdir(), 'three-gate-memory-'));
after(() => {
  rmSync(scratch, { recursive: true });
});

const mebibyte = 2 ** 20;
/** Matrices are then decomposed in this thread, where their memory can be counted. */
const threads = 1;
/** Chunks on their way from the worker, both sides as float32: it may hold two tasks. */
const inFlight = threads * 2 * 32 * mebibyte;
/** What decompositions of the large matrices work on beside them, more than those of the slight ones: blocks and products. */
const work = threads * 32 * mebibyte;

async function peakOf(path: string, memoryBytes: number, rank: number): Promise<number> {
  // How exact the numbers are is not asked here.
  const options = { ...defaultOptions, rank, residualTolerance: 1e-2, threads, memoryBytes };
  const { report, peakBytes } = await analyzeWatched(path, options);
  assert.equal(report.status, 'complete');
  assert.equal(report.coverage.share, 1);
  assert.equal(report.engine.memoryBytes, memoryBytes);
  assert.notEqual(report.timings.peakRssBytes, null);
  for (const { name, shape, geometry } of report.tensors) {
    if (shape.length === 2) assert.notEqual(geometry.value, null, name);
  }
  return peakBytes;
}

describe('peak memory', () => {
  it('stays under the budget on a pair of several hundred megabytes', async () => {
    const { 'qwen2.5-1.5b': model } = modelShapes;
    assert.ok(model);
    const request = { update: 'rlvr', seed: 1, shardBytes: 5e9 } as const;
    const [few, many] = [join(scratch, 'few'), join(scratch, 'many')];
    // Large enough that both have every worker: a process that never opened the lanes says nothing of what they need.
    const slight = { ...model, layers: 1, intermediate: 192, vocabulary: 64 };
    makePair({ ...request, shape: slight, out: few }, () => undefined);
    makePair({ ...request, shape: { ...model, layers: 2, vocabulary: 64 }, out: many }, () => undefined);
    const bytes = readFileSync(join(many, 'base', 'model.safetensors')).length;
    assert.ok(2 * bytes > 350 * mebibyte);
    // Room for one of the large matrices, of which there are six.
    const budget = 112 * mebibyte;
    const ground = await peakOf(few, budget, 1);
    const peak = await peakOf(many, budget, 1);
    const matrices = peak - ground;
    assert.ok(
      matrices <= budget + inFlight + work,
      `${Math.round(matrices / mebibyte)} MiB above the ${Math.round(ground / mebibyte)} MiB of a process at rest`,
    );
  });

  it('never holds both sides of a bf16 embedding as float32', async () => {
    const { 'qwen2.5-0.5b': model } = modelShapes;
    assert.ok(model);
    const request = { update: 'rlvr', seed: 1, shardBytes: 5e9 } as const;
    const shape = { ...model, layers: 1, hidden: 640, intermediate: 192, vocabulary: 131_072 };
    const [slight, tall] = [join(scratch, 'slight'), join(scratch, 'tall')];
    makePair({ ...request, shape: { ...shape, vocabulary: 64 }, out: slight }, () => undefined);
    makePair({ ...request, shape, out: tall }, () => undefined);
    const packed = 4 * shape.vocabulary * shape.hidden;
    const rank = 32;
    // Left singular vectors of both sides in float64, with what is kept beyond them, and twice that while they are made.
    const blocks = 4 * 8 * shape.vocabulary * (rank + 16);
    const ground = await peakOf(slight, packed, rank);
    const above = (await peakOf(tall, packed, rank)) - ground - packed;
    // Chunks are packed as well.
    const beside = blocks + inFlight / 2;
    assert.ok(beside < packed, 'float32 of both sides would be told apart');
    assert.ok(above <= beside, `${Math.round(above / mebibyte)} MiB beside the packed sides`);
  });
});
