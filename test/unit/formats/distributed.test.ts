// Torch distributed checkpoints as torch itself writes them (two processes of torch 1.13) and in the layouts of torch 2.x:
// every byte against the numbers that the generators wrote (test/fixtures/dcp).
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { Checkpoint } from '../../../src/engine/checkpoint/checkpoint.ts';
import { openCheckpoint } from '../../../src/engine/opening/openCheckpoint.ts';
import { weightNames } from '../../../src/engine/formats/torch/distributed/layout.ts';
import { nodeFileSystem } from '../../../src/node/disk/nodeFileSystem.ts';
import { createWorkerStreamer } from '../../../src/node/workers/workerStreamer.ts';
import { tensorBytes } from '../../support/tensorBytes.ts';
import { allHere } from '../../support/allHere.ts';

const fixtures = join(import.meta.dirname, '../../fixtures/dcp');
type Expected = Record<string, { shape: number[]; hex: string }>;
const read = (name: string): unknown => JSON.parse(readFileSync(join(fixtures, name), 'utf8'));
const layouts = read('layouts.json') as Record<string, Expected>;
const open = (path: string): Promise<Checkpoint> => openCheckpoint(nodeFileSystem, join(fixtures, path));

function assertTensors({ tensors, unreadable }: Checkpoint, wanted: Expected | undefined): void {
  const found = [...tensors.values()].map((tensor) => [
    tensor.name,
    { shape: tensor.shape, hex: Buffer.from(tensorBytes(tensor)).toString('hex') },
  ]);
  assert.deepEqual(Object.fromEntries(found), wanted);
  assert.deepEqual(unreadable, []);
}

describe('a torch distributed checkpoint', () => {
  it('of two processes of torch 1.13 is read in place', async () => {
    const checkpoint = await open('genuine');
    assertTensors(checkpoint, read('genuine.json') as Expected);
    assert.equal(checkpoint.info.format, 'torch distributed checkpoint, 2 files');
    const folder = join(fixtures, 'genuine');
    assert.deepEqual(checkpoint.notes, [`${folder}: 1 tensor of the optimizer is not read.`]);
  });

  it('of torch 2.x, cut along two and three dimensions, is joined', async () => {
    assertTensors(await open('grid'), layouts['grid']);
    assertTensors(await open('torchtitan'), layouts['torchtitan']);
  });

  it('is found by any of its files', async () => {
    assertTensors(await open('grid/__0_1.distcp'), layouts['grid']);
    assertTensors(await open('torchtitan/.metadata'), layouts['torchtitan']);
  });

  it('gives any range of a joined tensor', async () => {
    const { tensors } = await open('grid');
    for (const tensor of tensors.values()) {
      const whole = tensorBytes(tensor);
      const width = whole.length / tensor.elements;
      for (let first = 0; first < tensor.elements; first += 5) {
        const count = Math.min(9, tensor.elements - first);
        const wanted = whole.slice(width * first, width * (first + count));
        assert.deepEqual(tensorBytes(tensor, first, count), wanted);
      }
    }
  });

  it('streams as the whole tensor would', async () => {
    const tensor = (await open('grid')).tensors.get('model.layers.0.self_attn.q_proj.weight');
    assert.ok(tensor?.pieces !== undefined);
    const { name, shape, elements } = tensor;
    const streamer = await createWorkerStreamer({ bytes: allHere, threads: 1, folder: 'dist' });
    try {
      const pair = { name, tunedName: null, base: tensor, tuned: tensor, shape, elements };
      const options = { eta: 1e-3, wantMatrices: true };
      const { base } = await streamer.stream(
        { ...pair, container: null, layer: 0, module: 'q' },
        options,
        new AbortController().signal,
      );
      const raw = Buffer.from(layouts['grid']?.[name]?.hex ?? '', 'hex');
      const wide = Buffer.alloc(4);
      const values = Array.from({ length: elements }, (_, index) => {
        wide.writeUInt16LE(raw.readUInt16LE(2 * index), 2);
        return wide.readFloatLE();
      });
      assert.deepEqual([...(base ?? [])], values);
    } finally {
      await streamer.close();
    }
  });
});

describe('names in a torch distributed checkpoint', () => {
  const cases: [what: string, names: string[], weights: string[]][] = [
    ['torchtitan', ['layers.0.w', 'optimizer.state.layers.0.w.exp_avg'], ['layers.0.w']],
    ['accelerate', ['model.model.norm.w', 'model.lm_head.w'], ['model.norm.w', 'lm_head.w']],
    ['a wrapped model', ['app.model.model.norm.w', 'app.optim.state.model.norm.w.exp_avg'], ['model.norm.w']],
    ['a nested state', ['state.model.model.norm.w', 'state.model.lm_head.w'], ['model.norm.w', 'lm_head.w']],
    ['a bare model', ['model.norm.w', 'model.layers.0.w'], ['model.norm.w', 'model.layers.0.w']],
    ['Megatron', ['decoder.layers.w', 'chained_0.optimizer.state.fp32_param.w'], ['decoder.layers.w']],
  ];
  for (const [what, names, weights] of cases) {
    it(`of ${what}: the weights, without what the trainer puts before them`, () => {
      assert.deepEqual([...weightNames(names).names.values()], weights);
    });
  }
});
