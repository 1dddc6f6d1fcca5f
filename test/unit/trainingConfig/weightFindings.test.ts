// Findings that hold the config against the weights.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { findFindings } from '../../../src/engine/trainingConfig/findings/findFindings.ts';
import { sameModel } from '../../../src/engine/trainingConfig/findings/sameModel.ts';
import type { Measured, StepBound } from '../../../src/shared/report/report.ts';
import { sampleReport } from './sampleReport.ts';
import { evidence, series, grpo, find, one, none } from './findingsOf.ts';

describe('findings on config against weights', () => {
  it('see an exceeded step envelope, but not of adapters or SGD', () => {
    const bound = (value: number): Measured<StepBound> => ({
      value: { value, beta1: 0.9, beta2: 0.99, from: 'stated as betas' },
      reason: null,
    });
    const over = one(
      'step-envelope-exceeded',
      find(grpo(''), { stepEnvelope: 4, stepBound: bound(Math.sqrt(10)) }),
    );
    assert.match(over.evidence ?? '', /= 4\.00; .* = 3\.16 with β₁ 0\.9, β₂ 0\.99 \(stated as betas\)/);
    none('step-envelope-exceeded', find(grpo(''), { stepEnvelope: 3.7, stepBound: bound(Math.sqrt(10)) }));
    one('step-envelope-exceeded', find(grpo(''), { stepEnvelope: 3, stepBound: bound(1) }));
    none(
      'step-envelope-exceeded',
      find(grpo('use_peft: true\nlora_r: 8\n'), { stepEnvelope: 3, stepBound: bound(1) }),
    );
    none('step-envelope-exceeded', find(grpo(''), { stepEnvelope: 300 }));
  });

  it('rest on no reading that any update of this size shows', () => {
    const [still, moved] = [{ rotationMeanDeg: 'as random' }, { rotationMeanDeg: 'less' }] as const;
    const sft = 'learning_rate: 1.0e-5\npacking: true\n';
    none('rlvr-range-weights-under-sft-config', find(sft, { regime: 'rlvr-range', beyond: still }));
    const said = one(
      'rlvr-range-weights-under-sft-config',
      find(sft, { regime: 'rlvr-range', beyond: moved }),
    );
    assert.match(said.evidence ?? '', /measured beyond its size: words of the gate/);
    const id = 'sft-range-weights-under-rl-config';
    none(id, find(grpo(''), { regime: 'sft-range', beyond: still }));
    const drifting = { regime: 'sft-range', anchor: 'drifting', relativeDrift: 0.04 } as const;
    assert.equal(
      one(id, find(grpo(''), { ...drifting, beyond: still })).evidence,
      'measured drift 4.00 % (drifting)',
    );
    const pissa = grpo('use_peft: true\nlora_r: 8\ninit_lora_weights: pissa\n');
    const lift = (word: 'less' | 'as random' | 'unknown'): string | null =>
      one('principal-init-under-rlvr', find(pissa, { beyond: { principalLift: word } })).evidence;
    assert.equal(lift('as random'), null);
    assert.equal(lift('unknown'), null);
    assert.match(
      lift('less') ?? '',
      /measured principal lift ×0\.20, where a random update of this size has ×0\.50/,
    );
  });

  it('see norms that bf16 held in place', () => {
    const norm = { changed: 0, absorbedShare: 1 };
    const modules = { q: { changed: 30, absorbedShare: 0.2 }, norm };
    const text = grpo('dtype: bfloat16\nmodel_name_or_path: a/b\n');
    const found = one('stuck-in-bf16', find(text, { modules }));
    assert.match(found.message, /All 100 weights of norm are bitwise the base's.*may be stuck in bf16/);
    none('stuck-in-bf16', find(text, { modules: { ...modules, q: norm } }));
    none('stuck-in-bf16', find(text, { modules: { ...modules, norm: { changed: 1, absorbedShare: 1 } } }));
    none('stuck-in-bf16', find(text, { modules: { ...modules, norm: { changed: 0, absorbedShare: 0.3 } } }));
    none('stuck-in-bf16', find(text, { modules: { ...modules, norm: { ...norm, dtype: 'F32' } } }));
    none('stuck-in-bf16', find('num_generations: 8\nuse_peft: true\nlora_r: 8\n', { modules }));
  });

  it('name a config beside unchanged weights only where there is one', () => {
    assert.match(
      one('weights-unchanged', find(grpo(''), { regime: 'unchanged' })).message,
      /, although there is a training config, grpo\.yaml\./,
    );
    const bare = { ...evidence('grpo.yaml', grpo('')), config: null };
    const alone = one('weights-unchanged', findFindings(bare, sampleReport({ regime: 'unchanged' }), []));
    assert.equal(alone.message, 'Every compared weight is bitwise equal to the base (measured).');
  });

  it('say that a log ends in NaN', () => {
    const ends = {
      signal: 'klReference' as const,
      key: 'actor/kl_loss',
      file: 'a.log',
      step: 7,
      value: 'NaN',
    };
    const broken = { ...evidence('grpo.yaml', grpo('')), notFinite: [{ ...ends, everFinite: true }] };
    const found = one('log-ends-not-finite', findFindings(broken, null, []));
    assert.equal(found.severity, 'warning');
    assert.match(found.message, /last logged actor\/kl_loss is NaN/);
    assert.equal(found.evidence, 'measured actor/kl_loss = NaN at step 7 of a.log');
    none('log-ends-not-finite', find(grpo('')));
  });

  it('see weights of another regime, and none at all', () => {
    one('sft-range-weights-under-rl-config', find(grpo(''), { regime: 'sft-range' }));
    const sft = 'learning_rate: 1.0e-5\npacking: true\n';
    one('rlvr-range-weights-under-sft-config', find(sft, { regime: 'rlvr-range' }));
    one('weights-unchanged', find(grpo(''), { regime: 'unchanged' }));
    none('sft-range-weights-under-rl-config', find(grpo(''), { regime: 'mixed' }));
    none('rlvr-range-weights-under-sft-config', find(sft, { regime: 'sft-range' }));
  });

  it('compare names of bases, never more', () => {
    const text = grpo('model_name_or_path: Qwen/Qwen2.5-7B\n');
    one('base-differs-from-config', find(text, { basePath: '/models/Llama-3-8B' }));
    none('base-differs-from-config', find(text, { basePath: '/m/models--Qwen--Qwen2.5-7B/snapshots/abc' }));
    assert.ok(sameModel('../base', '/runs/base/model.safetensors'));
    assert.ok(sameModel('unsloth/Llama-3.1-8B-bnb-4bit', '/x/llama-3.1-8b'));
    assert.ok(sameModel('.', '/anything'));
    assert.ok(!sameModel('Qwen/Qwen2.5-7B', '/x/Qwen2.5-7B-Instruct'));
  });

  it('see a dtype and a learning rate that are not the stated ones', () => {
    one('dtype-differs-from-config', find(grpo('dtype: float32\n'), { tunedDtype: 'BF16' }));
    none('dtype-differs-from-config', find(grpo('dtype: bfloat16\n'), { tunedDtype: 'BF16' }));
    one(
      'learning-rate-differs-from-log',
      find(grpo(''), null, [series('learningRate', 'learning_rate', 2e-6)]),
    );
    none(
      'learning-rate-differs-from-log',
      find(grpo(''), null, [series('learningRate', 'learning_rate', 1e-6)]),
    );
  });
});
