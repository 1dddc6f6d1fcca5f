// NeMo-RL: example configs and the resolved config.yaml two levels above its weights. Source: NVIDIA-NeMo/RL
// examples/configs/*.yaml, nemo_rl/algorithms/loss.
import type { ConfigDocument } from '../document/configDocument.ts';
import { always, defaultEntry, readFields, statedEntry, type Field } from './fields.ts';
import { kindOfAlgorithm, type FrameworkReader } from './reader.ts';

const framework = 'NeMo-RL';
const blocks = ['grpo', 'ppo', 'dpo', 'sft'] as const;

const common: readonly Field[] = [
  { concept: 'baseModel', keys: ['policy.model_name'], type: 'text' },
  { concept: 'maxGradNorm', keys: ['policy.max_grad_norm'], type: 'number' },
  { concept: 'batchSize', keys: ['policy.train_global_batch_size'], type: 'number' },
  { concept: 'mixedPrecision', keys: ['policy.precision'], type: 'text' },
];

const dtensor: readonly Field[] = [
  { concept: 'optimizer', keys: ['policy.optimizer.name'], type: 'text' },
  { concept: 'learningRate', keys: ['policy.optimizer.kwargs.lr'], type: 'number' },
  { concept: 'weightDecay', keys: ['policy.optimizer.kwargs.weight_decay'], type: 'number' },
  { concept: 'schedule', keys: ['policy.scheduler.0.name', 'policy.scheduler.name'], type: 'text' },
  { concept: 'warmup', keys: ['policy.scheduler.0.kwargs.total_iters'], type: 'number' },
];

const megatron: readonly Field[] = [
  { concept: 'optimizer', keys: ['policy.megatron_cfg.optimizer.optimizer'], type: 'text' },
  { concept: 'learningRate', keys: ['policy.megatron_cfg.optimizer.lr'], type: 'number' },
  { concept: 'weightDecay', keys: ['policy.megatron_cfg.optimizer.weight_decay'], type: 'number' },
  { concept: 'weightDtype', keys: ['policy.megatron_cfg.optimizer.params_dtype'], type: 'text' },
  { concept: 'schedule', keys: ['policy.megatron_cfg.scheduler.lr_decay_style'], type: 'text' },
  { concept: 'warmup', keys: ['policy.megatron_cfg.scheduler.lr_warmup_iters'], type: 'number' },
];

const onlineFields: readonly Field[] = [
  {
    concept: 'klCoefficient',
    keys: ['loss_fn.reference_policy_kl_penalty'],
    type: 'number',
    fallback: always(0.01, framework),
  },
  {
    concept: 'klEstimator',
    keys: ['loss_fn.reference_policy_kl_type'],
    type: 'text',
    fallback: always('k3', framework),
  },
  {
    concept: 'clipRange',
    keys: ['loss_fn.ratio_clip_min'],
    type: 'number',
    fallback: always(0.2, framework),
  },
  {
    concept: 'clipRangeHigh',
    keys: ['loss_fn.ratio_clip_max'],
    type: 'number',
    fallback: always(0.2, framework),
  },
  {
    concept: 'rolloutBatchSize',
    keys: ['grpo.num_prompts_per_step', 'ppo.num_prompts_per_step'],
    type: 'number',
  },
  {
    concept: 'groupSize',
    keys: ['grpo.num_generations_per_prompt', 'ppo.num_generations_per_prompt'],
    type: 'number',
  },
  { concept: 'temperature', keys: ['policy.generation.temperature'], type: 'number' },
];

const preferenceFields: readonly Field[] = [
  {
    concept: 'klCoefficient',
    keys: ['dpo.reference_policy_kl_penalty'],
    type: 'number',
    fallback: always(0.05, framework),
  },
];

export const nemoRlReader: FrameworkReader = {
  framework,
  evidence: (document) => (document.has('policy.model_name') && blockOf(document) !== null ? 9 : 0),
  read(document) {
    const block = blockOf(document) ?? 'grpo';
    const kind = kindOfAlgorithm(block);
    const usesMegatron = document.get('policy.megatron_cfg.enabled')?.value === true;
    const fields: Field[] = [
      ...common,
      ...(usesMegatron ? megatron : dtensor),
      { concept: 'maxSteps', keys: [`${block}.max_num_steps`], type: 'number' },
      { concept: 'epochs', keys: [`${block}.max_num_epochs`], type: 'number' },
      { concept: 'seed', keys: [`${block}.seed`], type: 'number' },
      ...(kind === 'rl' ? onlineFields : kind === 'preference' ? preferenceFields : []),
      ...adapterFields(document),
    ];
    const { entries, problems } = readFields(document, fields, null);
    entries.unshift(
      defaultEntry('algorithm', '(algorithm)', {
        value: block.toUpperCase(),
        origin: 'default',
        note: `the file has a block ${block}`,
      }),
    );
    if (kind === 'rl') {
      const inReward = document.get('loss_fn.use_kl_in_reward');
      entries.push(
        inReward === null
          ? defaultEntry('klPlacement', 'loss_fn.use_kl_in_reward', always('loss', framework)())
          : statedEntry(document, 'klPlacement', inReward, inReward.value === true ? 'reward' : 'loss'),
      );
      const asynchronous = document.get('grpo.async_grpo.enabled')?.value === true;
      const age = document.get('grpo.async_grpo.max_trajectory_age_steps');
      if (asynchronous && age !== null) entries.push(statedEntry(document, 'staleness', age, age.value));
    }
    entries.push(
      defaultEntry('masterWeights', '(master weights)', {
        value: 'fp32',
        origin: 'default',
        note: usesMegatron
          ? 'Megatron keeps fp32 main parameters'
          : 'the DTensor path always loads fp32 master weights',
      }),
    );
    return { framework, frameworkVersion: null, kind, entries, problems };
  },
};

function blockOf(document: ConfigDocument): (typeof blocks)[number] | null {
  return blocks.find((block) => document.has(block)) ?? null;
}

function adapterFields(document: ConfigDocument): Field[] {
  const dtensorLora = document.get('policy.dtensor_cfg.lora_cfg.enabled')?.value === true;
  const megatronLora = document.get('policy.megatron_cfg.peft.enabled')?.value === true;
  if (!dtensorLora && !megatronLora) return [];
  const root = dtensorLora ? 'policy.dtensor_cfg.lora_cfg' : 'policy.megatron_cfg.peft';
  return [
    { concept: 'peftRank', keys: [`${root}.dim`], type: 'number' },
    { concept: 'peftAlpha', keys: [`${root}.alpha`], type: 'number' },
    { concept: 'peftTargets', keys: [`${root}.target_modules`], type: 'list' },
    { concept: 'peftInit', keys: [`${root}.lora_A_init`, `${root}.lora_A_init_method`], type: 'text' },
  ];
}
