// OpenRLHF: launch scripts and argument dumps, with dotted flags (since 0.10.4) and flat ones before. It writes nothing
// beside its weights. Source: openrlhf/cli/train_ppo_ray.py, train_sft.py, train_dpo.py.
import type { ConfigDocument } from '../document/configDocument.ts';
import { numberFrom } from '../document/scalarFromText.ts';
import {
  always,
  defaultEntry,
  firstPresent,
  isOpen,
  readFields,
  statedEntry,
  type Field,
  type Fields,
} from './fields.ts';
import { countPresent, kindOfAlgorithm, type FrameworkReader } from './reader.ts';

const framework = 'OpenRLHF';

const common: readonly Field[] = [
  { concept: 'optimizer', keys: ['actor.optim', 'optim'], type: 'text', fallback: always('adam', framework) },
  {
    concept: 'weightDecay',
    keys: ['actor.adam.weight_decay', 'adam.weight_decay', 'l2'],
    type: 'number',
    fallback: always(0, framework),
  },
  {
    concept: 'maxGradNorm',
    keys: ['actor.max_norm', 'max_norm'],
    type: 'number',
    fallback: always(1, framework),
  },
  {
    concept: 'warmup',
    keys: ['actor.lr_warmup_ratio', 'lr_warmup_ratio'],
    type: 'number',
    fallback: always(0.03, framework),
  },
  {
    concept: 'schedule',
    keys: ['actor.lr_scheduler', 'lr_scheduler'],
    type: 'text',
    fallback: always('cosine_with_min_lr', framework),
  },
  {
    concept: 'batchSize',
    keys: ['train.batch_size', 'train_batch_size'],
    type: 'number',
    fallback: always(128, framework),
  },
  {
    concept: 'weightDtype',
    keys: ['ds.param_dtype', 'param_dtype'],
    type: 'text',
    fallback: always('bf16', framework),
  },
  {
    concept: 'launcher',
    keys: ['ds.zero_stage', 'zero_stage'],
    type: 'number',
    fallback: always(2, framework),
  },
  { concept: 'peftRank', keys: ['ds.lora.rank', 'lora_rank'], type: 'number' },
  { concept: 'peftAlpha', keys: ['ds.lora.alpha', 'lora_alpha'], type: 'number' },
  { concept: 'peftTargets', keys: ['ds.lora.target_modules', 'target_modules'], type: 'list' },
  { concept: 'quantization', keys: ['ds.load_in_4bit', 'load_in_4bit'], type: 'flag' },
  { concept: 'seed', keys: ['train.seed', 'seed'], type: 'number', fallback: always(42, framework) },
];

const rl: readonly Field[] = [
  {
    concept: 'algorithm',
    keys: ['algo.advantage.estimator', 'advantage_estimator'],
    type: 'text',
    fallback: always('gae', framework),
  },
  { concept: 'baseModel', keys: ['actor.model_name_or_path', 'pretrain'], type: 'text' },
  {
    concept: 'learningRate',
    keys: ['actor.adam.lr', 'actor_learning_rate'],
    type: 'number',
    fallback: always(1e-6, framework),
  },
  {
    concept: 'klCoefficient',
    keys: ['algo.kl.init_coef', 'init_kl_coef'],
    type: 'number',
    fallback: always(0.01, framework),
  },
  {
    concept: 'klEstimator',
    keys: ['algo.kl.estimator', 'kl_estimator'],
    type: 'text',
    fallback: always('k1', framework),
  },
  {
    concept: 'lossType',
    keys: ['actor.policy_loss_type', 'policy_loss_type'],
    type: 'text',
    fallback: always('ppo', framework),
  },
  {
    concept: 'rolloutBatchSize',
    keys: ['rollout.batch_size', 'rollout_batch_size'],
    type: 'number',
    fallback: always(1024, framework),
  },
  {
    concept: 'groupSize',
    keys: ['rollout.n_samples_per_prompt', 'n_samples_per_prompt'],
    type: 'number',
    fallback: always(1, framework),
  },
  {
    concept: 'iterationsPerBatch',
    keys: ['train.max_epochs', 'max_epochs'],
    type: 'number',
    fallback: always(1, framework),
  },
  {
    concept: 'epochs',
    keys: ['train.num_episodes', 'num_episodes'],
    type: 'number',
    fallback: always(1, framework),
  },
  { concept: 'staleness', keys: ['train.async_queue_size', 'async_queue_size'], type: 'number' },
];

const supervised: readonly Field[] = [
  { concept: 'baseModel', keys: ['model.model_name_or_path', 'pretrain'], type: 'text' },
  { concept: 'learningRate', keys: ['adam.lr', 'learning_rate'], type: 'number' },
  {
    concept: 'epochs',
    keys: ['train.max_epochs', 'max_epochs'],
    type: 'number',
    fallback: always(1, framework),
  },
];

const preference: readonly Field[] = [
  ...supervised,
  {
    concept: 'klCoefficient',
    keys: ['model.beta', 'beta'],
    type: 'number',
    fallback: always(0.1, framework),
  },
  { concept: 'referenceModel', keys: ['ref.model_name_or_path', 'ref_pretrain'], type: 'text' },
];

export const openRlhfReader: FrameworkReader = {
  framework,
  evidence(document) {
    if (moduleOf(document) !== null) return 9;
    const dotted = [
      'actor.model_name_or_path',
      'algo.kl',
      'ds.param_dtype',
      'ds.zero_stage',
      'rollout.n_samples_per_prompt',
    ];
    const flat = [
      'pretrain',
      'init_kl_coef',
      'actor_learning_rate',
      'n_samples_per_prompt',
      'zero_stage',
      'advantage_estimator',
    ];
    return Math.max(countPresent(document, dotted), countPresent(document, flat)) >= 3 ? 7 : 0;
  },
  read(document, facts) {
    const module = moduleOf(document);
    const algorithm = module === null || /ppo|grpo/.test(module) ? 'ppo' : module;
    const kind = kindOfAlgorithm(algorithm);
    const fields = kind === 'rl' ? rl : kind === 'preference' ? preference : supervised;
    const version = facts.versions.get('openrlhf') ?? null;
    const { entries, problems } = readFields(document, [...fields, ...common], version);
    if (kind === 'rl') {
      const clip = clipFields(document);
      entries.push(...clip.entries);
      problems.push(...clip.problems);
      const useLoss = firstPresent(document, ['algo.kl.use_loss', 'use_kl_loss']);
      entries.push(
        useLoss === null
          ? defaultEntry('klPlacement', 'algo.kl.use_loss', always('reward', framework)())
          : statedEntry(document, 'klPlacement', useLoss, useLoss.value === true ? 'loss' : 'reward'),
      );
    } else if (module !== null) {
      entries.unshift(
        defaultEntry('algorithm', '(algorithm)', {
          value: module.toUpperCase(),
          origin: 'default',
          note: `openrlhf.cli.train_${module}`,
        }),
      );
    }
    entries.push(
      defaultEntry('masterWeights', '(master weights)', {
        value: 'fp32',
        origin: 'default',
        note: 'DeepSpeed keeps fp32 master partitions; the saved files are bf16',
      }),
    );
    return { framework, frameworkVersion: version, kind, entries, problems };
  },
};

/** `--eps_clip_low_high 0.2 0.3` takes the place of `--eps_clip`. */
function clipFields(document: ConfigDocument): Fields {
  const pair = firstPresent(document, ['actor.eps_clip_low_high', 'eps_clip_low_high']);
  const alone = (keys: readonly string[]): Fields =>
    readFields(
      document,
      [{ concept: 'clipRange', keys, type: 'number', fallback: always(0.2, framework) }],
      null,
    );
  if (isOpen(pair)) return alone([pair.path]);
  if (pair === null) return alone(['actor.eps_clip', 'eps_clip']);
  if (pair.value === null) return alone(['actor.eps_clip', 'eps_clip']);
  const ends = Array.isArray(pair.value) ? pair.value.map(numberFrom) : [];
  const [low = null, high = null] = ends;
  if (ends.length === 2 && low !== null && high !== null) {
    const entries = [
      statedEntry(document, 'clipRange', pair, low),
      statedEntry(document, 'clipRangeHigh', pair, high),
    ];
    return { entries, problems: [] };
  }
  document.report(
    'config-value',
    `${pair.path} is not two numbers, low and high`,
    pair.valueSpan ?? pair.key,
  );
  return { entries: [], problems: document.problems.splice(-1) };
}

/** `ppo_ray`, `sft`, `dpo`, … of `openrlhf.cli.train_*`. */
function moduleOf(document: ConfigDocument): string | null {
  for (const word of [...document.words, String(document.get('module')?.value)]) {
    const match = /openrlhf[./]cli[./]train_([a-z_]+)/.exec(word);
    if (match !== null) return match[1] ?? null;
  }
  return null;
}
