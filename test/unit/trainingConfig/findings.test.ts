import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { findFindings, rules } from '../../../src/engine/trainingConfig/findings/findFindings.ts';
import { sameModel } from '../../../src/engine/trainingConfig/findings/sameModel.ts';
import { formatOf, parseConfig } from '../../../src/engine/trainingConfig/openDocument.ts';
import { mergeReadings } from '../../../src/engine/trainingConfig/mergeReadings.ts';
import { noFacts } from '../../../src/engine/trainingConfig/readers/reader.ts';
import { readDocument } from '../../../src/engine/trainingConfig/readers/readers.ts';
import type { Measured, StepBound } from '../../../src/shared/report/report.ts';
import type { Finding, LogSeries, LogSignal, TrainingEvidence } from '../../../src/shared/report/training.ts';
import { sampleReport, type SampleNumbers } from './sampleReport.ts';

function evidence(name: string, text: string, logs: LogSeries[] = []): TrainingEvidence {
  const format = formatOf(name);
  assert.ok(format !== null);
  const readings = readDocument(parseConfig(name, text, format), noFacts).map((one) => ({
    ...one,
    level: 0,
  }));
  const config = mergeReadings(readings, 'unknown');
  return {
    config,
    logs,
    findings: [],
    learningRatePeak: null,
    learningRateSum: null,
    steps: null,
    problems: [],
  };
}

function series(signal: LogSignal, key: string, last: number): LogSeries {
  const numbers = { last, mean: last, peak: last, count: 1, points: [[1, last]] as [number, number][] };
  return { signal, key, file: 'log', estimator: null, unit: 'nats per token', ...numbers };
}

const grpo = (lines: string): string =>
  `reward_funcs: [a]\nnum_generations: 8\nlearning_rate: 1.0e-6\n${lines}`;
const find = (text: string, numbers: SampleNumbers | null = null, logs: LogSeries[] = []): Finding[] =>
  findFindings(evidence('grpo.yaml', text, logs), numbers === null ? null : sampleReport(numbers), []);
const one = (id: string, found: readonly Finding[]): Finding => {
  const finding = found.find((candidate) => candidate.id === id);
  assert.ok(finding, `no ${id} among ${found.map((candidate) => candidate.id).join(', ')}`);
  return finding;
};
const none = (id: string, found: readonly Finding[]): void => {
  assert.deepEqual(
    found.filter((candidate) => candidate.id === id),
    [],
  );
};

describe('the page of findings', () => {
  const page = readFileSync('src/engine/trainingConfig/FINDINGS.md', 'utf8');
  const sections = new Map(
    page
      .split(/^### /m)
      .slice(1)
      .map((section) => [section.slice(0, section.indexOf('\n')), section]),
  );

  it('documents every finding with its source, and no other', () => {
    assert.deepEqual([...sections.keys()].sort(), rules.map(({ id }) => id).sort());
    for (const { id, source } of rules) {
      assert.ok(sections.get(id)?.replace(/\s+/g, ' ').includes(`Source: ${source}`), `${id}: ${source}`);
    }
  });
});

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

describe('all findings', () => {
  it('can each be switched off', () => {
    const text = grpo('beta: 0\nuse_peft: true\nlora_r: 1\ninit_lora_weights: pissa\n');
    const all = findFindings(evidence('grpo.yaml', text), null, []);
    assert.ok(all.length >= 3);
    for (const { id } of all) none(id, findFindings(evidence('grpo.yaml', text), null, [id]));
    assert.deepEqual(
      findFindings(
        evidence('grpo.yaml', text),
        null,
        rules.map(({ id }) => id),
      ),
      [],
    );
  });

  it('are one sentence each, and cite "measured" only with a report or a log', () => {
    const text = grpo('beta: 0\nuse_peft: true\nlora_r: 1\ninit_lora_weights: pissa\nnum_iterations: 8\n');
    for (const finding of find(text)) {
      assert.match(finding.message, /^[^\n]+\.$/);
      assert.equal(finding.evidence, null);
      assert.doesNotMatch(finding.message, /\bmeasured\b/);
    }
  });
});

describe('findings on the launch', () => {
  const script = [
    'python train.py --learning_rate 1e-6 --optim adamw --num_generations 8',
    'python other.py --learning_rate 2e-6 --optim adamw --num_generations 4',
    'python eval.py --model x',
    '',
  ].join('\n');

  it('name the launches that are not read', () => {
    const found = one('several-launches-in-one-script', findFindings(evidence('a.sh', script), null, []));
    assert.equal(
      found.message,
      'The script starts 2 trainings. Read is python train.py in line 1; not read: python other.py in line 2.',
    );
    assert.equal(found.location?.line, 1);
    const [first = ''] = script.split('\n');
    none('several-launches-in-one-script', findFindings(evidence('a.sh', first), null, []));
  });

  it('warn of ZeRO-3 weights that are not gathered', () => {
    const config = (stage: number, gather: string): Finding[] =>
      findFindings(
        evidence(
          'ds.json',
          `{"train_batch_size": "auto", "zero_optimization": {"stage": ${stage}${gather}}}`,
        ),
        null,
        [],
      );
    const key = 'stage3_gather_16bit_weights_on_model_save';
    assert.match(one('zero3-weights-not-gathered', config(3, `, "${key}": false`)).message, /empty tensors/);
    one('zero3-weights-not-gathered', config(3, ''));
    none('zero3-weights-not-gathered', config(3, `, "${key}": true`));
    none('zero3-weights-not-gathered', config(2, ''));
    const { config: read, problems } = evidence(
      'ds.json',
      '{"train_batch_size": "auto", "zero_optimization": {"stage": 2}}',
    );
    assert.deepEqual(problems, []);
    const batch = read?.entries.find(({ concept }) => concept === 'batchSize');
    assert.deepEqual([batch?.value, batch?.origin], ['auto', 'unknown']);
  });
});
