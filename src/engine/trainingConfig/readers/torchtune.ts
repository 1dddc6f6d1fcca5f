// torchtune: recipes and the torchtune_config.yaml that its loggers write. Source: torchtune recipes/configs/**.
import type { ConfigEntry } from '../../../shared/report/training.ts';
import type { ConfigDocument } from '../document/configDocument.ts';
import { always, defaultEntry, readFields, statedEntry, type Field } from './fields.ts';
import { kindOfAlgorithm, type FrameworkReader } from './reader.ts';

const framework = 'torchtune';

const common: readonly Field[] = [
  { concept: 'baseModel', keys: ['base_model_path', 'checkpointer.checkpoint_dir'], type: 'text' },
  { concept: 'learningRate', keys: ['optimizer.lr'], type: 'number' },
  { concept: 'optimizer', keys: ['optimizer._component_'], type: 'text' },
  { concept: 'weightDecay', keys: ['optimizer.weight_decay'], type: 'number' },
  { concept: 'schedule', keys: ['lr_scheduler._component_'], type: 'text' },
  { concept: 'warmup', keys: ['lr_scheduler.num_warmup_steps'], type: 'number' },
  { concept: 'maxGradNorm', keys: ['clip_grad_norm'], type: 'any' },
  { concept: 'batchSize', keys: ['batch_size'], type: 'number' },
  { concept: 'gradientAccumulation', keys: ['gradient_accumulation_steps'], type: 'number' },
  { concept: 'epochs', keys: ['epochs'], type: 'number' },
  { concept: 'maxSteps', keys: ['num_steps', 'max_steps_per_epoch'], type: 'number' },
  { concept: 'weightDtype', keys: ['dtype'], type: 'text' },
  { concept: 'seed', keys: ['seed'], type: 'number' },
  { concept: 'peftRank', keys: ['model.lora_rank'], type: 'number' },
  { concept: 'peftAlpha', keys: ['model.lora_alpha'], type: 'number' },
];

const rlFields: readonly Field[] = [
  {
    concept: 'klCoefficient',
    keys: ['loss.kl_coeff', 'kl_coeff'],
    type: 'number',
    fallback: always(0.1, "torchtune's GRPO loss"),
  },
  { concept: 'clipRange', keys: ['loss.epsilon'], type: 'number' },
  { concept: 'groupSize', keys: ['grpo_samples'], type: 'number' },
  { concept: 'iterationsPerBatch', keys: ['ppo_epochs'], type: 'number' },
  { concept: 'temperature', keys: ['temperature'], type: 'number' },
  { concept: 'referenceModel', keys: ['ref_checkpointer.checkpoint_dir'], type: 'text' },
];

const preferenceFields: readonly Field[] = [
  { concept: 'klCoefficient', keys: ['loss.beta'], type: 'number', fallback: always(0.1, framework) },
];

export const torchtuneReader: FrameworkReader = {
  framework,
  evidence(document) {
    for (const leaf of document.values.values()) {
      const component = leaf.path.endsWith('_component_') && typeof leaf.value === 'string';
      if (component && String(leaf.value).startsWith('torchtune.')) return 9;
    }
    return 0;
  },
  read(document) {
    const loss = document.get('loss._component_');
    const algorithm = algorithmOf(typeof loss?.value === 'string' ? loss.value : '');
    const kind = kindOfAlgorithm(algorithm);
    const fields = kind === 'rl' ? rlFields : kind === 'preference' ? preferenceFields : [];
    const { entries, problems } = readFields(document, [...common, ...fields], null);
    if (loss !== null && algorithm !== null)
      entries.unshift(statedEntry(document, 'algorithm', loss, algorithm));
    if (kind === 'rl') entries.push(...klEntries(algorithm));
    entries.push(...adapterEntries(document), masterWeights(entries));
    return { framework, frameworkVersion: null, kind, entries, problems };
  },
};

function algorithmOf(loss: string): string | null {
  const name = loss.split('.').pop() ?? '';
  if (/GRPO/i.test(name)) return 'GRPO';
  if (/PPO/i.test(name)) return 'PPO';
  if (/DPO|RSO/i.test(name)) return 'DPO';
  return /CrossEntropy/i.test(name) ? 'SFT' : null;
}

function klEntries(algorithm: string | null): ConfigEntry[] {
  const [placement, estimator] = algorithm === 'PPO' ? ['reward', 'k1'] : ['loss', 'k3'];
  const note = `fixed in torchtune's ${algorithm ?? 'RL'} recipe`;
  return [
    defaultEntry('klPlacement', '(KL placement)', { value: placement, origin: 'default', note }),
    defaultEntry('klEstimator', '(KL estimator)', { value: estimator, origin: 'default', note }),
  ];
}

function adapterEntries(document: ConfigDocument): ConfigEntry[] {
  const rank = document.get('model.lora_rank');
  if (rank === null) return [];
  const dora = document.get('model.use_dora');
  const targets = document.get('model.lora_attn_modules');
  const extra = (
    [
      ['model.apply_lora_to_mlp', 'mlp'],
      ['model.apply_lora_to_output', 'output'],
    ] as const
  ).flatMap(([key, name]) => (document.get(key)?.value === true ? [name] : []));
  return [
    ...(targets !== null && Array.isArray(targets.value)
      ? [statedEntry(document, 'peftTargets', targets, [...targets.value, ...extra])]
      : []),
    defaultEntry('peftInit', '(initialisation)', {
      value: true,
      origin: 'default',
      note: 'torchtune has no other LoRA initialisation',
    }),
    ...(dora?.value === true ? [statedEntry(document, 'peftVariant', dora, 'DoRA')] : []),
  ];
}

function masterWeights(entries: readonly ConfigEntry[]): ConfigEntry {
  const dtype = entries.find((entry) => entry.concept === 'weightDtype')?.value;
  const known = typeof dtype === 'string';
  return defaultEntry('masterWeights', '(master weights)', {
    value: known ? (/fp32|float32/.test(dtype) ? 'fp32' : 'none') : null,
    origin: known ? 'default' : 'unknown',
    note: 'torchtune keeps weights and optimizer state in `dtype`, without a master copy',
  });
}
