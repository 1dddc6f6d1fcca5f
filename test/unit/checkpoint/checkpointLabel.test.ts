import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { checkpointLabel, stepInPath } from '../../../src/engine/checkpoint/checkpointLabel.ts';

describe('checkpoint labels', () => {
  for (const [path, label] of [
    ['/home/me/Qwen2.5-7B', 'Qwen2.5-7B'],
    ['/home/me/Qwen2.5-7B/model.safetensors', 'Qwen2.5-7B'],
    ['/home/me/Qwen2.5-7B/model.safetensors.index.json', 'Qwen2.5-7B'],
    ['/out/grpo/checkpoint-500/', 'grpo/checkpoint-500'],
    ['/out/grpo/merged/model.safetensors', 'grpo/merged'],
    ['/ck/exp/global_step_40/actor/huggingface', 'exp/global_step_40'],
    ['/ck/exp/global_step_40/policy/hf/', 'exp/global_step_40'],
    ['/hub/models--Qwen--Qwen2.5-7B/snapshots/0123abc', 'Qwen/Qwen2.5-7B'],
    ['/hub/models--gpt2/snapshots/0123abc/model.safetensors', 'gpt2'],
    ['C:\\runs\\sft\\checkpoint-8\\model.safetensors', 'sft/checkpoint-8'],
    ['/data/weights.safetensors', 'weights.safetensors'],
    ['/', '/'],
  ] as const) {
    it(`${path} is ${label}`, () => {
      assert.equal(checkpointLabel(path), label);
    });
  }

  it('reads the step from the nearest folder that names one', () => {
    assert.equal(stepInPath('/out/checkpoint-500'), 500);
    assert.equal(stepInPath('/out/checkpoint-500/global_step_7/actor/huggingface'), 7);
    assert.equal(stepInPath('/out/iter_0000120'), 120);
    assert.equal(stepInPath('/out/step-12b'), null);
    assert.equal(stepInPath('/llama-3-8b'), null);
  });
});
