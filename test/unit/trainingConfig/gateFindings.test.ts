// Findings of each gate, on the config and on what was measured.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { findFindings } from '../../../src/engine/trainingConfig/findings/findFindings.ts';
import type { Finding } from '../../../src/shared/report/training.ts';
import { sampleReport } from './sampleReport.ts';
import { evidence, series, grpo, find, one, none } from './findingsOf.ts';

describe('Gate I findings', () => {
  it('speak of a missing anchor as "may" until the drift was measured', () => {
    const text = grpo('beta: 0.0\n');
    const guess = one('kl-anchor-absent', find(text));
    assert.equal(guess.severity, 'info');
    assert.match(guess.message, /may/);
    assert.equal(guess.evidence, null);
    assert.deepEqual(guess.location, { file: 'grpo.yaml', line: 4, column: 1, length: 4 });
    const measured = one('kl-anchor-absent', find(text, { relativeDrift: 0.05, anchor: 'drifting' }));
    assert.equal(measured.severity, 'warning');
    assert.match(measured.message, /measured/);
    assert.doesNotMatch(measured.message, /may/);
    assert.equal(measured.evidence, 'measured drift 5.00 % (drifting)');
    assert.equal(one('kl-anchor-absent', find(text, { relativeDrift: 0.005 })).severity, 'info');
  });

  it('say nothing of a stated anchor that holds, and warn where it does not', () => {
    const text = grpo('beta: 0.04\n');
    none('kl-anchor-not-holding', find(text, {}));
    one('kl-anchor-not-holding', find(text, { anchor: 'drifting', relativeDrift: 0.04 }));
    one('kl-anchor-not-holding', find(text, null, [series('klReference', 'kl', 0.3)]));
    none('kl-anchor-not-holding', find(text, null, [series('klReference', 'kl', 0.05)]));
    none(
      'kl-anchor-not-holding',
      find(text, null, [{ ...series('klReference', 'objective/kl', 9), unit: 'nats per sequence' }]),
    );
    none('kl-anchor-absent', find(text, { anchor: 'drifting' }));
  });

  it('take a missing kl series as evidence, and as a contradiction where a coefficient is set', () => {
    const logs = [series('reward', 'reward', 1)];
    assert.equal(one('kl-series-absent', find(grpo(''), null, logs)).severity, 'info');
    assert.equal(one('kl-series-absent', find(grpo('beta: 0.1\n'), null, logs)).severity, 'warning');
    none('kl-series-absent', find(grpo(''), null, [...logs, series('klReference', 'kl', 0.1)]));
    none('kl-series-absent', find(grpo('')));
  });

  it('name both defaults where the version decides', () => {
    assert.match(
      one('kl-default-depends-on-version', find(grpo(''))).message,
      /0\.04 before 0\.19, 0 since 0\.19/,
    );
    none('kl-default-depends-on-version', find(grpo('beta: 0\n')));
  });

  it('tell a KL that is only measured from one that acts', () => {
    one('kl-measured-not-applied', find(grpo('beta: 0\n'), null, [series('klReference', 'kl', 0.1)]));
    none('kl-measured-not-applied', find(grpo('beta: 0.1\n'), null, [series('klReference', 'kl', 0.1)]));
  });

  it('do not take the sampler mismatch of AsyncGRPO for an anchor', () => {
    one('kl-is-sampler-mismatch', find(grpo('max_staleness: 4\n'), null, [series('klMismatch', 'kl', 0.1)]));
  });

  it('see a moving reference, many passes and stale rollouts', () => {
    one('kl-reference-moves', find(grpo('sync_ref_model: true\n')));
    none('kl-reference-moves', find(grpo('sync_ref_model: false\n')));
    assert.equal(one('many-updates-per-rollout', find(grpo('num_iterations: 4\n'))).severity, 'warning');
    none('many-updates-per-rollout', find(grpo('num_iterations: 1\n')));
    one('stale-rollouts', find(grpo('max_staleness: 8\n')));
    none('stale-rollouts', find(grpo('max_staleness: 1\n')));
  });

  it('count verl batches in prompts and the others in samples', () => {
    const verl = (mini: number): Finding[] =>
      findFindings(
        evidence(
          'v.yaml',
          `actor_rollout_ref:\n  actor:\n    ppo_mini_batch_size: ${mini}\n  rollout: {n: 8}\ndata: {train_batch_size: 1024}\n`,
        ),
        null,
        [],
      );
    assert.match(one('many-updates-per-rollout', verl(64)).message, /About 16\.0 /);
    none('many-updates-per-rollout', verl(1024));
    const nemo =
      'grpo: {num_prompts_per_step: 32, num_generations_per_prompt: 16}\npolicy: {model_name: m, train_global_batch_size: 512}\n';
    none('many-updates-per-rollout', findFindings(evidence('n.yaml', nemo), null, []));
  });
});

describe('Gate II findings', () => {
  const lora = 'use_peft: true\nlora_r: 16\n';

  it('call a principal-aligned start fragile, by learning rate and anchor, with a fix in recipes only', () => {
    const text = grpo(`${lora}init_lora_weights: pissa\nbeta: 0.0\n`).replace('1.0e-6', '5.0e-5');
    const finding = one('principal-init-under-rlvr', find(text));
    assert.equal(finding.severity, 'warning');
    assert.match(finding.message, /may be fragile/);
    assert.deepEqual(finding.fix, {
      title: 'Set init_lora_weights to true (default LoRA initialisation)',
      newValue: 'true',
      location: { file: 'grpo.yaml', line: 6, column: 20, length: 5 },
    });
    assert.equal(one('principal-init-under-rlvr', find(text.replace('5.0e-5', '1.0e-5'))).severity, 'info');
    const json = '{"peft_type": "LORA", "r": 16, "init_lora_weights": "olora"}';
    const adapter = one(
      'principal-init-under-rlvr',
      findFindings(evidence('adapter_config.json', json), null, []),
    );
    assert.equal(adapter.severity, 'info');
    assert.equal(adapter.fix, null);
    none('principal-init-under-rlvr', find(text.replace('pissa', 'true')));
    none('principal-init-under-rlvr', find(text.replace('pissa', 'gaussian')));
  });

  it('see an anchor that points at the residual base', () => {
    const text = grpo(`${lora}init_lora_weights: pissa\nbeta: 0.001\n`);
    assert.match(one('kl-anchor-on-residual-base', find(text)).message, /may/);
    none('kl-anchor-on-residual-base', find(text.replace('0.001', '0.0')));
    none('kl-anchor-on-residual-base', find(text.replace('pissa', 'true')));
  });

  it('do not trust the flag of a converted adapter', () => {
    const json =
      '{"peft_type": "LORA", "r": 16, "init_lora_weights": true, "base_model_name_or_path": "fxmeng/PiSSA-x"}';
    one('pissa-may-be-converted', findFindings(evidence('adapter_config.json', json), null, []));
    none(
      'pissa-may-be-converted',
      findFindings(evidence('adapter_config.json', json.replace('PiSSA-x', 'x')), null, []),
    );
  });

  it('see attention-only targets, very low ranks and high learning rates', () => {
    one('lora-attention-only', find(grpo(`${lora}lora_target_modules: [q_proj, v_proj]\n`)));
    none('lora-attention-only', find(grpo(`${lora}lora_target_modules: [q_proj, up_proj]\n`)));
    one('lora-rank-very-low', find(grpo('use_peft: true\nlora_r: 1\n')));
    none('lora-rank-very-low', find(grpo(lora)));
    one('lora-learning-rate-high', find(grpo(lora).replace('1.0e-6', '2.0e-4')));
    none('lora-learning-rate-high', find(grpo('').replace('1.0e-6', '2.0e-4')));
  });
});

describe('Gate III findings', () => {
  const tune =
    'loss:\n  _component_: torchtune.dev.grpo.loss.GRPOSimpleLoss\noptimizer: {lr: 1e-6}\ndtype: bf16\n';

  it('see bf16 weights without a master copy, with the share that cannot move once measured', () => {
    const guess = one('bf16-without-master-weights', find(tune));
    assert.match(guess.message, /may be lost/);
    assert.equal(guess.location?.line, 4);
    const measured = one('bf16-without-master-weights', find(tune, { absorbedShare: 0.61 }));
    assert.equal(measured.evidence, 'measured: 61.0 % of the weights cannot move by one step');
    none('bf16-without-master-weights', find(tune.replace('bf16', 'fp32')));
  });

  it('judge an absorbed step by what is known of the master weights', () => {
    assert.equal(one('step-absorbed-by-bf16', find(tune, { absorbedShare: 0.61 })).severity, 'warning');
    assert.equal(one('step-absorbed-by-bf16', find(grpo(''), { absorbedShare: 0.61 })).severity, 'info');
    none('step-absorbed-by-bf16', find(tune.replace('bf16', 'fp32'), { absorbedShare: 0.61 }));
    none('step-absorbed-by-bf16', find(tune, { absorbedShare: 0.4 }));
  });

  it('see an update that serving in bf16 hides, even without a config', () => {
    const unknown = { ...evidence('x.yaml', ''), config: null };
    assert.equal(
      one('update-hidden-by-bf16', findFindings(unknown, sampleReport({ hiddenByBf16: 0.8 }), [])).severity,
      'warning',
    );
    assert.equal(one('update-hidden-by-bf16', find(grpo(''), { hiddenByBf16: 0.2 })).severity, 'info');
    none('update-hidden-by-bf16', find(grpo(''), { hiddenByBf16: 0.05 }));
  });
});
