// What trainers leave in a folder, found or named for what it is: DeepSpeed, GGUF and MLX, slices in safetensors, the
// policy beside its critic, several steps of one run. No advice leads back to where it came from.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Checkpoint } from '../../../src/engine/checkpoint/checkpoint.ts';
import { openCheckpoint } from '../../../src/engine/opening/openCheckpoint.ts';
import { TensorValues } from '../../../src/engine/checkpoint/tensorValues.ts';
import { ThreeGateError } from '../../../src/shared/errors.ts';
import { pickle, stateDict, text, torchArchive } from '../formats/support/torchArchive.ts';
import { type MemoryFiles, memoryFileSystem } from '../checkpoint/support/memoryFileSystem.ts';
import { safetensors } from '../checkpoint/support/safetensorsBytes.ts';

const one = safetensors({ a: { dtype: 'F32', shape: [2] } });
const two = safetensors({ b: { dtype: 'F32', shape: [2] } });
const floats = new Uint8Array(new Float32Array([1, 2, 3, 4]).buffer);
const torch = (pickled: string): Uint8Array =>
  torchArchive({ 'data.pkl': pickle(pickled), 'data/0': floats });
const open = (files: MemoryFiles, path: string): Promise<Checkpoint> =>
  openCheckpoint(memoryFileSystem(files), path);

async function refusal(files: MemoryFiles, path: string): Promise<string> {
  const thrown = await open(files, path).then(
    () => assert.fail('it was read'),
    (error: unknown) => error,
  );
  assert.ok(thrown instanceof ThreeGateError, String(thrown));
  return thrown.message;
}

/** What a trainer's file holds beside its model: objects of classes that only the trainer knows. */
const namespace = `cargparse\nNamespace\n)\x81}(${text('lr')}G\x3e\xb0\xc6\xf7\xa0\xb5\xed\x8d${text('nested')}cmegatron.core\nConfig\n)R)\x81ub`;
const modelStates = torch(
  `}(${text('module')}${stateDict()}${text('args')}${namespace}${text('ds_version')}${text('0.15')}u`,
);
const emptyStorage = `(${text('storage')}ctorch\nFloatStorage\n${text('0')}${text('cpu')}K\x00tQ`;
const emptyTensor = `ctorch._utils\n_rebuild_tensor_v2\n(${emptyStorage}K\x00K\x00\x85K\x01\x85\x89ccollections\nOrderedDict\n)RtR`;
const emptied = torch(`}(${text('module')}}(${text('w')}${emptyTensor}${text('v')}${emptyTensor}uu`);

describe('DeepSpeed', () => {
  const step = '/ckpt/_actor/global_step20';
  it('leaves whole weights under ZeRO-2, beside objects that stay names', async () => {
    const files = {
      [`${step}/mp_rank_00_model_states.pt`]: modelStates,
      [`${step}/bf16_zero_pp_rank_0_mp_rank_00_optim_states.pt`]: '',
    };
    for (const path of [step, `${step}/mp_rank_00_model_states.pt`, '/ckpt/_actor']) {
      assert.deepEqual([...(await open(files, path)).tensors.keys()], ['w']);
    }
    const { notes, info } = await open(files, step);
    assert.equal(info.format, 'torch, DeepSpeed model states');
    assert.deepEqual(notes, [
      'mp_rank_00_model_states.pt is read; the optimizer states beside it are not weights.',
    ]);
  });

  it('is read at the step that `latest` names', async () => {
    const files = {
      '/ckpt/latest': 'global_step20\n',
      '/ckpt/global_step10/mp_rank_00_model_states.pt': emptied,
      '/ckpt/global_step20/mp_rank_00_model_states.pt': modelStates,
    };
    const { tensors, notes } = await open(files, '/ckpt');
    assert.deepEqual([...tensors.keys()], ['w']);
    assert.ok(notes.includes('/ckpt/latest names global_step20 as the latest step, which is read.'));
  });

  it('keeps only names under ZeRO-3: the folder names the pieces and the script', async () => {
    const files = {
      '/ckpt/zero_to_fp32.py': '',
      '/ckpt/config.json': '{}',
      '/ckpt/global_step5/zero_pp_rank_0_mp_rank_00_model_states.pt': emptied,
      '/ckpt/global_step5/bf16_zero_pp_rank_0_mp_rank_00_optim_states.pt': '',
    };
    const sentence =
      '/ckpt/global_step5 is a DeepSpeed ZeRO checkpoint without whole weights: bf16_zero_pp_rank_0_mp_rank_00_optim_states.pt hold the parameters in pieces, and zero_pp_rank_0_mp_rank_00_model_states.pt only the names; make whole weights with "python /ckpt/zero_to_fp32.py /ckpt OUT" and compare OUT.';
    assert.equal(await refusal(files, '/ckpt'), sentence);
    assert.equal(await refusal(files, '/ckpt/global_step5'), sentence);
    const states = '/ckpt/global_step5/zero_pp_rank_0_mp_rank_00_model_states.pt';
    assert.equal(
      await refusal(files, states),
      `${states} holds 2 tensors, all of them empty: it was saved under DeepSpeed ZeRO-3 without gathering; make whole weights of the checkpoint with the zero_to_fp32.py that DeepSpeed left in its folder, and compare those.`,
    );
    const optimizer = '/ckpt/global_step5/bf16_zero_pp_rank_0_mp_rank_00_optim_states.pt';
    assert.match(await refusal(files, optimizer), /zero_to_fp32\.py/);
  });

  it('loses only the tensors that are empty', async () => {
    const mixed = torch(
      `}(${text('w')}${emptyTensor}${text('v')}${stateDict().slice(2 + text('w').length, -1)}u`,
    );
    const { tensors, unreadable } = await open({ '/m/pytorch_model.bin': mixed }, '/m');
    assert.deepEqual([...tensors.keys()], ['v']);
    assert.deepEqual(
      unreadable.map(({ name, reason }) => [name, reason.code]),
      [['w', 'empty-tensor']],
    );
  });

  it('of several model-parallel parts, or of layers, is named', async () => {
    const parts = { '/c/mp_rank_00_model_states.pt': '', '/c/mp_rank_01_model_states.pt': '' };
    assert.match(await refusal(parts, '/c'), /in 2 model-parallel parts .* which are not joined/);
    const layers = { '/c/layer_00-model_00-model_states.pt': '', '/c/mp_rank_00_model_states.pt': '' };
    assert.match(await refusal(layers, '/c'), /in 1 files of layers or experts/);
  });

  it('still names a call that runs code, in a trainer file too', async () => {
    const hostile = torch(`}(${text('module')}${stateDict()}${text('x')}cposix\nsystem\n${text('id')}\x85Ru`);
    const message = await refusal({ '/c/mp_rank_00_model_states.pt': hostile }, '/c');
    assert.match(message, /names posix\.system, which a tensor file does not need/);
  });
});

describe('formats that are not read', () => {
  it('are named with what turns them back', async () => {
    assert.match(
      await refusal({ '/t/model-Q4_K_M.gguf': 'GGUF' }, '/t'),
      /^\/t holds model-Q4_K_M\.gguf: GGUF, .* gguf_file="model-Q4_K_M\.gguf"\) and save_pretrained\.$/,
    );
    assert.match(await refusal({ '/t/weights.npz': 'PK' }, '/t'), /MLX weights as numpy arrays/);
    assert.match(
      await refusal({ '/t/__0_0.distcp': '' }, '/t'),
      /holds 1 file of a torch distributed checkpoint \(__0_0\.distcp\) without the \.metadata/,
    );
  });
});

describe('weights that MLX quantised', () => {
  it('are named, with the converter', async () => {
    const files = {
      '/q/model.safetensors': safetensors(
        {
          'w.weight': { dtype: 'U32', shape: [2, 1] },
          'w.scales': { dtype: 'F16', shape: [2, 1] },
          'w.biases': { dtype: 'F16', shape: [2, 1] },
        },
        { format: 'mlx' },
      ),
    };
    assert.deepEqual((await open(files, '/q')).notes, [
      '/q was quantised by MLX: 1 of its weights are packed and not read as numbers; "mlx_lm.convert --hf-path /q --mlx-path OUT --dequantize" unpacks them.',
    ]);
  });
});

describe('slices in safetensors', () => {
  const info = (offsets: Record<string, number[]>): Record<string, string> => ({
    DCP_SHARDING_INFO: JSON.stringify(
      Object.fromEntries(Object.entries(offsets).map(([name, at]) => [name, { saved_offsets: at }])),
    ),
  });
  const slice = (rows: number, columns: number, values: number[], at: number[]): Uint8Array =>
    safetensors(
      {
        w: { dtype: 'F32', shape: [rows, columns], data: new Uint8Array(new Float32Array(values).buffer) },
        n: { dtype: 'F32', shape: [2] },
      },
      info({ w: at, n: [0] }),
    );
  const name = (process: number): string => `shard-0000${process}-model-00001-of-00001.safetensors`;
  const files = {
    [`/m/${name(1)}`]: slice(3, 2, [0, 1, 3, 4, 6, 7], [0, 0]),
    [`/m/${name(2)}`]: slice(3, 1, [2, 5, 8], [0, 2]),
  };

  it('are joined by their offsets, whichever file is named', async () => {
    for (const path of ['/m', `/m/${name(2)}`]) {
      const { tensors, unreadable } = await open(files, path);
      assert.deepEqual(unreadable, []);
      const w = tensors.get('w');
      assert.ok(w !== undefined);
      assert.deepEqual([w.shape, w.bytes, tensors.get('n')?.shape], [[3, 3], 36, [2]]);
      const values = new TensorValues(memoryFileSystem(files));
      const out = new Float32Array(9);
      await values.readFloat32(w, 0, out);
      assert.deepEqual([...out], [0, 1, 2, 3, 4, 5, 6, 7, 8]);
    }
  });

  it('say which process is missing, and never fill in for it', async () => {
    const lone = { [`/m/${name(2)}`]: slice(1, 2, [1, 2], [1, 0]) };
    const { problems, unreadable } = await open(lone, '/m');
    assert.deepEqual(
      problems.map(({ message }) => message),
      [`/m/${name(1)} is missing.`],
    );
    assert.match(unreadable[0]?.reason.message ?? '', /chunks of 2 elements together where its shape has 4/);
  });

  it('are known by what they say, not by their names alone', async () => {
    const renamed = { '/m/model.safetensors': slice(1, 2, [1, 2], [1, 0]) };
    const { unreadable } = await open(renamed, '/m');
    assert.deepEqual(
      unreadable.map((tensor) => tensor.name),
      ['w'],
    );
  });

  it('that do not say where they lie are refused', async () => {
    const silent = { [`/m/${name(1)}`]: one, [`/m/${name(2)}`]: slice(1, 2, [1, 2], [1, 0]) };
    const { unreadable } = await open(silent, '/m');
    assert.ok(
      unreadable.some(({ reason }) =>
        reason.message.includes('does not say where its slice of tensor "a" lies'),
      ),
    );
  });
});

describe('a trainer folder', () => {
  it('of verl: the policy is read, and the critic said', async () => {
    const rank = 'model_world_size_1_rank_0.pt';
    const files = {
      [`/run/global_step_5/actor/${rank}`]: torch(stateDict()),
      [`/run/global_step_5/critic/${rank}`]: torch(stateDict()),
    };
    const { tensors, notes, info } = await open(files, '/run/global_step_5');
    assert.deepEqual([...tensors.keys()], ['w']);
    assert.deepEqual(info.files, [`actor/${rank}`]);
    assert.ok(
      notes.includes(
        '/run/global_step_5 holds critic beside the policy actor, which is read: name the other to compare it.',
      ),
    );
    const critic = await open(files, '/run/global_step_5/critic');
    assert.deepEqual(critic.info.files, [rank]);
  });

  it('of several steps is read at the step that its marker names', async () => {
    const files: MemoryFiles = {
      '/run/global_step_5/actor/huggingface/model.safetensors': one,
      '/run/global_step_10/actor/huggingface/model.safetensors': two,
    };
    assert.match(await refusal(files, '/run'), /holds 2 checkpoints .*; name the one to read\.$/);
    files['/run/latest_checkpointed_iteration.txt'] = '10';
    assert.deepEqual([...(await open(files, '/run')).tensors.keys()], ['b']);
    files['/run/latest_checkpointed_iteration.txt'] = '../../etc';
    assert.match(await refusal(files, '/run'), /holds 2 checkpoints/);
  });

  it('with runs on different numbers of processes is read by a file of one of them', async () => {
    const files = {
      '/run/model_world_size_1_rank_0.pt': torch(stateDict()),
      '/run/model_world_size_2_rank_0.pt': torch(stateDict()),
      '/run/model_world_size_2_rank_1.pt': torch(stateDict()),
    };
    assert.match(
      await refusal(files, '/run'),
      /name a file of the run to read, model_world_size_1_rank_0\.pt or/,
    );
    assert.deepEqual([...(await open(files, '/run/model_world_size_1_rank_0.pt')).tensors.keys()], ['w']);
  });

  it('with optimizer chunks beside the weights is read at the weights', async () => {
    const files = {
      '/out/checkpoint-5/pytorch_model_fsdp_0/__0_0.distcp': '',
      '/out/checkpoint-5/pytorch_model_fsdp_0/.metadata': 'meta',
      '/out/checkpoint-5/optimizer_0/__0_0.distcp': '',
      '/out/checkpoint-5/optimizer_0/.metadata': 'meta',
    };
    assert.match(
      await refusal(files, '/out/checkpoint-5'),
      /^\/out\/checkpoint-5\/pytorch_model_fsdp_0 is a torch/,
    );
  });
});
