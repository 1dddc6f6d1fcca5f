// Runs that hold one base tensor in different ways: what cannot be held against each other is said, not dropped.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { emptyCounts, type JointCounts } from '../../../src/engine/kernels/jointSpec.ts';
import type { JointTensor } from '../../../src/engine/kernels/jointStreamer.ts';
import { openCheckpoint } from '../../../src/engine/opening/openCheckpoint.ts';
import { pairCheckpoints } from '../../../src/engine/pairing/pairing.ts';
import { overlapRuns } from '../../../src/engine/runs/overlapRuns.ts';
import { memoryFileSystem } from '../checkpoint/support/memoryFileSystem.ts';
import { safetensors, type TensorSpec } from '../checkpoint/support/safetensorsBytes.ts';

const bf16 = (...shape: number[]): TensorSpec => ({ dtype: 'BF16', shape });
const stem = 'model.layers.0.mlp.experts';
const norm = { 'model.norm.weight': bf16(4) };
const fused = { ...norm, [`${stem}.down_proj`]: bf16(2, 4, 3) };
const split = {
  ...norm,
  [`${stem}.0.down_proj.weight`]: bf16(4, 3),
  [`${stem}.1.down_proj.weight`]: bf16(4, 3),
};

describe('overlap of runs that store a base tensor differently', () => {
  it('names what is whole in one run and cut in another', async () => {
    const files = memoryFileSystem({
      '/base/model.safetensors': safetensors(fused),
      '/a/model.safetensors': safetensors(fused),
      '/b/model.safetensors': safetensors(split),
    });
    const base = await openCheckpoint(files, '/base');
    const runs = [await openCheckpoint(files, '/a'), await openCheckpoint(files, '/b')];
    const streamJoint = ({ pairs, shape }: JointTensor): Promise<JointCounts> =>
      Promise.resolve(emptyCounts(pairs.length, shape[0] ?? 0, shape[1] ?? 0, 0));
    const streamer = { streamJoint, bytesRead: 0, close: () => Promise.resolve() };
    const updateOf = (): Promise<null> => Promise.resolve(null);
    const overlap = await overlapRuns(
      { runs, pairings: runs.map((run) => pairCheckpoints(base, run)), match: null },
      { streamer, threads: 1, eta: 1e-3, updateOf },
      null,
      () => undefined,
      new AbortController().signal,
    );
    assert.deepEqual(
      overlap.tensors.map(({ name }) => name),
      ['model.norm.weight'],
    );
    assert.deepEqual(
      overlap.notCompared.map(({ run, name, elements, reason }) => [run, name, elements, reason.code]),
      [
        [0, `${stem}.down_proj`, 24, 'layout-unknown'],
        [1, `${stem}.down_proj[0]`, 12, 'layout-unknown'],
        [1, `${stem}.down_proj[1]`, 12, 'layout-unknown'],
      ],
    );
  });
});
