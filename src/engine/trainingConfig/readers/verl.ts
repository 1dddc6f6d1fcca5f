// verl: Hydra trees (`.hydra/config.yaml`, generated reference configs), their overrides, and launch scripts with
// `key=value` words; the layouts before and after 0.4 (KL in reward) and 0.6 (`lr_scheduler_type`, `fsdp_config.dtype`).
// Source: verl/trainer/config/*.yaml.
import type { ConfigEntry } from '../../../shared/report/training.ts';
import type { ConfigDocument, LocatedValue } from '../document/configDocument.ts';
import {
  always,
  defaultEntry,
  isOpen,
  readFields,
  statedEntry,
  zeroOrLess,
  type Field,
  type Fields,
} from './fields.ts';
import { countPresent, type FrameworkReader, type ConfigReading } from './reader.ts';

const actor = 'actor_rollout_ref.actor';
const rollout = 'actor_rollout_ref.rollout';
const model = 'actor_rollout_ref.model';

const rlFields: readonly Field[] = [
  { concept: 'algorithm', keys: ['algorithm.adv_estimator'], type: 'text', fallback: always('gae', 'verl') },
  { concept: 'baseModel', keys: [`${model}.path`], type: 'text' },
  { concept: 'learningRate', keys: [`${actor}.optim.lr`], type: 'number', fallback: always(1e-6, 'verl') },
  {
    concept: 'schedule',
    keys: [`${actor}.optim.lr_scheduler_type`, `${actor}.optim.warmup_style`],
    type: 'text',
    fallback: always('constant', 'verl'),
  },
  {
    concept: 'warmup',
    keys: [`${actor}.optim.lr_warmup_steps`, `${actor}.optim.lr_warmup_steps_ratio`],
    type: 'number',
    notSet: zeroOrLess,
    fallback: always(0, 'verl'),
  },
  {
    concept: 'optimizer',
    keys: [`${actor}.optim.optimizer`],
    type: 'text',
    fallback: always('AdamW', 'verl'),
  },
  {
    concept: 'weightDecay',
    keys: [`${actor}.optim.weight_decay`],
    type: 'number',
    fallback: always(0.01, 'verl'),
  },
  {
    concept: 'maxGradNorm',
    keys: [`${actor}.optim.clip_grad`, `${actor}.grad_clip`],
    type: 'number',
    fallback: always(1, 'verl'),
  },
  {
    concept: 'clipRange',
    keys: [`${actor}.clip_ratio_low`, `${actor}.clip_ratio`],
    type: 'number',
    fallback: always(0.2, 'verl'),
  },
  {
    concept: 'clipRangeHigh',
    keys: [`${actor}.clip_ratio_high`],
    type: 'number',
    fallback: always(0.2, 'verl'),
  },
  { concept: 'entropyCoefficient', keys: [`${actor}.entropy_coeff`], type: 'number' },
  {
    concept: 'lossType',
    keys: [`${actor}.policy_loss.loss_mode`],
    type: 'text',
    fallback: always('vanilla', 'verl'),
  },
  { concept: 'epochs', keys: ['trainer.total_epochs'], type: 'number', fallback: always(30, 'verl') },
  { concept: 'maxSteps', keys: ['trainer.total_training_steps'], type: 'number' },
  {
    concept: 'iterationsPerBatch',
    keys: [`${actor}.ppo_epochs`],
    type: 'number',
    fallback: always(1, 'verl'),
  },
  {
    concept: 'rolloutBatchSize',
    keys: ['data.train_batch_size'],
    type: 'number',
    fallback: always(1024, 'verl'),
  },
  {
    concept: 'batchSize',
    keys: [`${actor}.ppo_mini_batch_size`],
    type: 'number',
    fallback: always(256, 'verl'),
  },
  { concept: 'groupSize', keys: [`${rollout}.n`], type: 'number', fallback: always(1, 'verl') },
  { concept: 'temperature', keys: [`${rollout}.temperature`], type: 'number', fallback: always(1, 'verl') },
  {
    concept: 'mixedPrecision',
    keys: [`${actor}.fsdp_config.dtype`, `${actor}.fsdp_config.mixed_precision.param_dtype`],
    type: 'text',
    fallback: always('bfloat16', 'verl'),
  },
  {
    concept: 'weightDtype',
    keys: [`${actor}.fsdp_config.model_dtype`],
    type: 'text',
    fallback: always('fp32', 'verl'),
  },
  { concept: 'launcher', keys: [`${actor}.strategy`], type: 'text', fallback: always('fsdp', 'verl') },
  { concept: 'seed', keys: ['data.seed', `${actor}.data_loader_seed`], type: 'number' },
];

const loraFields: readonly Field[] = [
  { concept: 'peftRank', keys: [`${model}.lora_rank`], type: 'number' },
  { concept: 'peftAlpha', keys: [`${model}.lora_alpha`], type: 'number', fallback: always(16, 'verl') },
  {
    concept: 'peftTargets',
    keys: [`${model}.target_modules`],
    type: 'list',
    fallback: always('all-linear', 'verl'),
  },
];

const sftFields: readonly Field[] = [
  { concept: 'baseModel', keys: ['model.path', 'model.partial_pretrain'], type: 'text' },
  { concept: 'learningRate', keys: ['optim.lr'], type: 'number' },
  { concept: 'weightDecay', keys: ['optim.weight_decay'], type: 'number' },
  {
    concept: 'batchSize',
    keys: ['data.train_batch_size'],
    type: 'number',
    fallback: always(256, 'verl SFT'),
  },
  { concept: 'epochs', keys: ['trainer.total_epochs'], type: 'number', fallback: always(4, 'verl SFT') },
  { concept: 'maxSteps', keys: ['trainer.total_training_steps'], type: 'number' },
  { concept: 'seed', keys: ['trainer.seed'], type: 'number', fallback: always(1, 'verl SFT') },
];

export const verlReader: FrameworkReader = {
  framework: 'verl',
  evidence(document) {
    if (document.has('actor_rollout_ref')) return 9;
    if (document.words.some((word) => /^verl[./]/.test(word))) return 9;
    const sft = [
      'trainer.default_local_dir',
      'trainer.total_epochs',
      'data.messages_key',
      'data.max_token_len_per_gpu',
    ];
    if (countPresent(document, sft) >= 2) return 8;
    return document.has('algorithm.adv_estimator') ? 8 : 0;
  },
  read(document, facts) {
    const version = facts.versions.get('verl') ?? null;
    const rl = document.has('actor_rollout_ref') || document.has('algorithm.adv_estimator');
    return rl ? readRl(document, version) : readSft(document, version);
  },
};

function readSft(document: ConfigDocument, version: string | null): ConfigReading {
  const { entries, problems } = readFields(document, sftFields, version);
  return { framework: 'verl', frameworkVersion: version, kind: 'sft', entries, problems };
}

function readRl(document: ConfigDocument, version: string | null): ConfigReading {
  const rank = document.get(`${model}.lora_rank`)?.value;
  const lora = typeof rank === 'number' && rank > 0;
  const { entries, problems } = readFields(document, lora ? [...rlFields, ...loraFields] : rlFields, version);
  const dtype = entries.find((entry) => entry.concept === 'weightDtype');
  const kl = klFields(document);
  return {
    framework: 'verl',
    frameworkVersion: version,
    kind: 'rl',
    entries: [...entries, ...kl.entries, ...(dtype === undefined ? [] : [masterWeights(dtype)])],
    problems: [...problems, ...kl.problems],
  };
}

function masterWeights(dtype: ConfigEntry): ConfigEntry {
  const fp32 = typeof dtype.value === 'string' && /fp32|float32/.test(dtype.value);
  return {
    ...dtype,
    concept: 'masterWeights',
    value: fp32 ? 'fp32' : dtype.value === null ? null : 'none',
    defaultNote: `deduced: ${dtype.key} is the dtype of the weights that the optimizer updates`,
  };
}

/** `kl_loss_coef` counts only under `use_kl_loss`, `kl_ctrl.kl_coef` only under `use_kl_in_reward` (or, before 0.4, always). */
function klFields(document: ConfigDocument): Fields {
  const useLoss = document.get(`${actor}.use_kl_loss`);
  const useReward = document.get('algorithm.use_kl_in_reward');
  if (useLoss?.value === true) {
    const { entries, problems } = coefficient(document, `${actor}.kl_loss_coef`, useLoss);
    const type = estimator(document, `${actor}.kl_loss_type`, 'low_var_kl');
    return { entries: [...entries, placement(document, useLoss, 'loss'), type], problems };
  }
  if (useReward?.value === true) {
    const { entries, problems } = coefficient(document, 'algorithm.kl_ctrl.kl_coef', useReward);
    const type = estimator(document, 'algorithm.kl_penalty', 'kl');
    return { entries: [...entries, placement(document, useReward, 'reward'), type], problems };
  }
  const open = [useLoss, useReward].find(isOpen);
  if (open !== undefined) {
    return { entries: [statedEntry(document, 'klCoefficient', open, open.unresolved)], problems: [] };
  }
  if (useReward === null) return { entries: [unknownCoefficient(document, useLoss)], problems: [] };
  const off: ConfigEntry = {
    ...statedEntry(document, 'klCoefficient', useReward, 0),
    defaultNote: 'use_kl_loss and use_kl_in_reward are both off, so no KL coefficient has an effect',
  };
  return { entries: [off, placement(document, useReward, 'none')], problems: [] };
}

/** Where it is not stated, the default takes the place of the switch that makes it count. */
function coefficient(document: ConfigDocument, key: string, enabledBy: LocatedValue): Fields {
  const read = readFields(
    document,
    [{ concept: 'klCoefficient', keys: [key], type: 'number', fallback: always(0.001, 'verl') }],
    null,
  );
  const { location } = statedEntry(document, 'klCoefficient', enabledBy, true);
  return {
    ...read,
    entries: read.entries.map((entry) => ({ ...entry, location: entry.location ?? location })),
  };
}

function placement(document: ConfigDocument, found: LocatedValue, value: string): ConfigEntry {
  return statedEntry(document, 'klPlacement', found, value);
}

function estimator(document: ConfigDocument, key: string, fallback: string): ConfigEntry {
  const found = document.get(key);
  return found === null
    ? defaultEntry('klEstimator', key, { value: fallback, origin: 'default', note: 'default of verl' })
    : statedEntry(document, 'klEstimator', found, found.value);
}

/** Neither switch is stated on: off since 0.4, but before it the reward always carried the KL at 0.001. */
function unknownCoefficient(document: ConfigDocument, useLoss: LocatedValue | null): ConfigEntry {
  const old = document.get('algorithm.kl_ctrl.kl_coef');
  const full = document.has(`${actor}.use_kl_loss`) && old !== null;
  if (full) {
    return {
      ...statedEntry(document, 'klCoefficient', old, old.value),
      defaultNote: 'a layout before verl 0.4: the KL is in the reward whenever use_kl_loss is off',
    };
  }
  const note = 'default of verl: no KL since 0.4, 0.001 in the reward before';
  // Where the switch of the loss is stated, it is the other one that is left open.
  const key = useLoss === null ? `${actor}.use_kl_loss` : 'algorithm.use_kl_in_reward';
  return defaultEntry('klCoefficient', key, { value: null, origin: 'unknown', note });
}
