// Files of torch.save in the layouts of torch 1.13 and of current releases, FSDP rank files of both DTensor eras:
// every byte against the numbers that the generator wrote (test/fixtures/torch/generate.py).
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { Checkpoint } from '../../../src/engine/checkpoint/checkpoint.ts';
import { openCheckpoint } from '../../../src/engine/opening/openCheckpoint.ts';
import { nodeFileSystem } from '../../../src/node/disk/nodeFileSystem.ts';
import { createWorkerStreamer } from '../../../src/node/workers/workerStreamer.ts';
import { memoryFileSystem } from '../checkpoint/support/memoryFileSystem.ts';
import { pickle, stateDict, torchArchive } from './support/torchArchive.ts';
import { tensorBytes } from '../../support/tensorBytes.ts';
import { allHere } from '../../support/allHere.ts';

const fixtures = join(import.meta.dirname, '../../fixtures/torch');
type Expected = Record<string, { dtype: string; shape: number[]; hex: string }>;
const expected = JSON.parse(readFileSync(join(fixtures, 'expected.json'), 'utf8')) as Record<
  string,
  Expected
>;

const open = (path: string): Promise<Checkpoint> => openCheckpoint(nodeFileSystem, join(fixtures, path));

function assertTensors({ tensors }: Checkpoint, wanted: Expected | undefined): void {
  assert.ok(wanted !== undefined);
  const found = [...tensors.values()].map((tensor) => [
    tensor.name,
    { dtype: tensor.dtype, shape: tensor.shape, hex: Buffer.from(tensorBytes(tensor)).toString('hex') },
  ]);
  assert.deepEqual(Object.fromEntries(found), wanted);
}

function reasons({ unreadable }: Checkpoint): Record<string, string> {
  return Object.fromEntries(unreadable.map(({ name, reason }) => [name, reason.message]));
}

describe('one file of torch.save', () => {
  for (const release of ['torch1.13', 'current']) {
    const path = `${release}/pytorch_model.bin`;
    it(`reads every tensor of ${path} in place`, async () => {
      const checkpoint = await open(release);
      assertTensors(checkpoint, expected[path]);
      assert.equal(checkpoint.info.format, 'torch');
      assert.deepEqual(checkpoint.info.files, ['pytorch_model.bin']);
      assert.deepEqual(checkpoint.problems, []);
    });

    it(`names the view of ${path} that is not stored row by row`, async () => {
      const file = join(fixtures, path);
      assert.deepEqual(reasons(await open(path)), {
        'model.transposed': `Tensor "model.transposed" of ${file} has the shape 4 × 3 with the strides (1, 4): it is a view that is not stored row by row.`,
      });
    });
  }

  it('aligns to 64 bytes, as torch does: the data lies where its header says', async () => {
    const { tensors } = await open('current');
    for (const { offset, name } of tensors.values()) {
      if (name !== 'model.view') assert.equal(offset % 64, 0, name);
    }
  });
});

describe('a sharded pytorch_model', () => {
  it('reads every tensor through the index', async () => {
    const checkpoint = await open('sharded');
    assertTensors(checkpoint, expected['sharded']);
    assert.equal(checkpoint.info.format, 'torch, 2 shards');
    assert.deepEqual(checkpoint.problems, []);
  });
});

describe('the rank files of an FSDP run', () => {
  it('joins shards along any dimension, uneven and empty ones too', async () => {
    const checkpoint = await open('fsdp');
    assertTensors(checkpoint, expected['fsdp/actor']);
    assert.equal(checkpoint.info.format, 'torch FSDP, 4 of 4 rank files');
    assert.equal(checkpoint.info.architecture, 'LlamaForCausalLM');
    assert.deepEqual(checkpoint.tensors.get('few.bias')?.shape, [3]);
  });

  it('takes one replica of a two-dimensional mesh, in the order of its ranks', async () => {
    assertTensors(await open('hsdp'), expected['hsdp']);
  });

  it('says why a tensor cannot be joined', async () => {
    const file = join(fixtures, 'fsdp/actor/model_world_size_4_rank_0.pt');
    assert.deepEqual(reasons(await open('fsdp/actor')), {
      'strided.weight': `Tensor "strided.weight" of ${file} is placed by _StridedShard, of which only Shard and Replicate can be joined from files.`,
      'apart.weight': `Tensor "apart.weight" of ${file} is a plain tensor that differs between model_world_size_4_rank_0.pt and model_world_size_4_rank_1.pt, so it is neither a copy nor a piece that says where it lies.`,
    });
  });

  it('of plain tensors alone takes the numbers, which are no pieces, and refuses the rest', async () => {
    const scalar = pickle(stateDict().replace('K\x00K\x02K\x02\x86K\x02K\x01\x86', 'K\x00))'));
    const rank = (pickled: Uint8Array): Uint8Array =>
      torchArchive({ 'data.pkl': pickled, 'data/0': new Uint8Array(16) });
    const run = (pickled: Uint8Array): Promise<Checkpoint> => {
      const names = ['/m/model_world_size_2_rank_0.pt', '/m/model_world_size_2_rank_1.pt'];
      const files = Object.fromEntries(names.map((name) => [name, rank(pickled)]));
      return openCheckpoint(memoryFileSystem(files), '/m');
    };
    assert.deepEqual((await run(scalar)).tensors.get('w')?.shape, []);
    await assert.rejects(run(pickle(stateDict())), /nothing says whether those are copies or pieces/);
  });

  it('reads any range of a joined tensor', async () => {
    const { tensors } = await open('fsdp');
    const tensor = tensors.get('columns.weight');
    assert.ok(tensor?.pieces !== undefined);
    const whole = tensorBytes(tensor);
    for (let first = 0; first < tensor.elements; first += 7) {
      for (const count of [1, 5, 20]) {
        const part = Math.min(count, tensor.elements - first);
        assert.deepEqual(tensorBytes(tensor, first, part), whole.slice(2 * first, 2 * (first + part)));
      }
    }
  });
});

describe('the streaming pass over a joined tensor', () => {
  it('decodes the pieces to the numbers of the whole', async () => {
    const { tensors } = await open('fsdp');
    const streamer = await createWorkerStreamer({ bytes: allHere, threads: 1, folder: 'dist' });
    try {
      for (const name of ['rows.weight', 'columns.weight', 'middle.weight']) {
        const tensor = tensors.get(name);
        assert.ok(tensor !== undefined);
        const { shape, elements } = tensor;
        const pair = { name, tunedName: null, base: tensor, tuned: tensor, shape, elements };
        const place = { container: null, layer: null, module: 'other' } as const;
        const options = { eta: 1e-3, wantMatrices: true };
        const signal = new AbortController().signal;
        const { base, totals } = await streamer.stream({ ...pair, ...place }, options, signal);
        const raw = Buffer.from(expected['fsdp/actor']?.[name]?.hex ?? '', 'hex');
        const values = Array.from({ length: elements }, (_, i) => {
          if (tensor.dtype === 'F32') return raw.readFloatLE(4 * i);
          const wide = Buffer.alloc(4);
          wide.writeUInt16LE(raw.readUInt16LE(2 * i), 2);
          return wide.readFloatLE();
        });
        assert.deepEqual([...(base ?? [])], values);
        assert.ok(totals.identical);
      }
    } finally {
      await streamer.close();
    }
  });
});
