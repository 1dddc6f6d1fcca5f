// TRL: recipes (`--config x.yaml`), the arguments pickled or logged with a run, and open-r1's recipes, which are the same
// flat keys. The algorithm decides what `beta` means, so it is settled first.
import type { ConfigEntry } from '../../../shared/report/training.ts';
import type { ConfigDocument } from '../document/configDocument.ts';
import { defaultEntry, readFields, type Field } from './fields.ts';
import {
  trainerFields,
  trlAlgorithmFields,
  trlCommonFields,
  trlLearningRate,
  trlModelFields,
} from './huggingFaceFields.ts';
import { launcherEntries, launcherOf } from './launcher.ts';
import { masterWeightsEntry } from './masterWeights.ts';
import {
  algorithmInPath,
  baseName,
  countPresent,
  kindOfAlgorithm,
  type FrameworkReader,
  type ConfigReading,
  type RunFacts,
} from './reader.ts';

const signs: readonly (readonly [string, readonly string[]])[] = [
  ['asyncgrpo', ['max_staleness', 'weight_sync_steps']],
  ['rloo', ['rloo_k']],
  ['ppo', ['num_ppo_epochs', 'cliprange', 'reward_model_path', 'sft_model_path']],
  ['kto', ['desirable_weight', 'undesirable_weight']],
  ['grpo', ['reward_funcs', 'num_generations', 'max_completion_length', 'num_iterations', 'scale_rewards']],
  ['dpo', ['precompute_ref_log_probs', 'rpo_alpha', 'f_divergence_type', 'loss_weights', 'reference_free']],
  ['sft', ['packing', 'completion_only_loss', 'assistant_only_loss', 'dataset_text_field', 'max_seq_length']],
];

/** One of these is in every set of training arguments. */
const runKeys = [
  'learning_rate',
  'beta',
  'num_train_epochs',
  'max_steps',
  'per_device_train_batch_size',
  'output_dir',
];

/** Keys that TRL's scripts take and transformers' own do not. */
const scriptKeys = [
  'dataset_name',
  'dataset_config',
  'dataset_mixture',
  'model_revision',
  'attn_implementation',
];
const openR1Keys = [
  'dataset_prompt_column',
  'benchmarks',
  'system_prompt',
  'reward_weights',
  'overwrite_hub_revision',
];

export const trlReader: FrameworkReader = {
  framework: 'TRL',
  evidence(document, facts) {
    if (countPresent(document, runKeys) === 0) return 0;
    const named = algorithmFromKeys(document);
    if (named !== null) return 6;
    if (facts.versions.has('trl') || facts.algorithm !== null) return 5;
    const hinted = algorithmInPath(document.file);
    return hinted !== null &&
      hinted in trlAlgorithmFields &&
      (document.has('beta') || countPresent(document, scriptKeys) > 0)
      ? 5
      : 0;
  },
  read: readTrl,
};

function readTrl(document: ConfigDocument, facts: RunFacts): ConfigReading {
  const algorithm = algorithmOf(document, facts);
  const version = facts.versions.get('trl') ?? null;
  const fields: Field[] = [
    ...trainerFields(algorithm === null ? null : (trlLearningRate[algorithm] ?? null), 'TRL'),
    ...trlModelFields,
    ...trlCommonFields,
    ...(algorithm === null ? [] : (trlAlgorithmFields[algorithm] ?? [])),
  ];
  const { entries, problems } = readFields(document, fields, version);
  const launcher = launcherOf(document, facts);
  const adapter = facts.adapter || document.get('use_peft')?.value === true || document.has('lora_r');
  const dtype = entries.find((entry) => entry.concept === 'weightDtype')?.value ?? null;
  entries.unshift(...algorithmEntries(algorithm));
  entries.push(
    ...launcherEntries(document, launcher),
    masterWeightsEntry(typeof dtype === 'string' ? dtype : null, launcher, adapter),
  );
  const openR1 =
    /open-?r1/i.test(document.file) || countPresent(document, openR1Keys) >= 2 || namesOpenR1(document);
  return {
    framework: openR1 ? 'open-r1 (TRL)' : 'TRL',
    frameworkVersion: version,
    kind: kindOfAlgorithm(algorithm),
    entries,
    problems,
  };
}

function namesOpenR1(document: ConfigDocument): boolean {
  return ['dataset_name', 'hub_model_id', 'model_name_or_path'].some((key) => {
    const value = document.get(key)?.value;
    return typeof value === 'string' && /open-?r1/i.test(value);
  });
}

function algorithmFromKeys(document: ConfigDocument): string | null {
  return signs.find(([, keys]) => countPresent(document, keys) > 0)?.[0] ?? null;
}

function algorithmOf(document: ConfigDocument, facts: RunFacts): string | null {
  const named = facts.algorithm?.toLowerCase() ?? null;
  if (named !== null && named in trlAlgorithmFields) return named;
  const fromKeys = algorithmFromKeys(document);
  const fromPath = algorithmInPath(baseName(document.file));
  // GRPO and RLOO share their keys: the file's name may tell them apart.
  if (fromKeys === 'grpo' && fromPath === 'rloo') return 'rloo';
  if (fromKeys !== null) return fromKeys;
  const hinted = fromPath ?? algorithmInPath(document.file);
  return hinted !== null && hinted in trlAlgorithmFields ? hinted : null;
}

/** What the algorithm's code fixes: where its KL is applied and how it is estimated. */
function algorithmEntries(algorithm: string | null): ConfigEntry[] {
  if (algorithm === null) return [];
  const fixed: Readonly<Record<string, readonly [string, string]>> = {
    grpo: ['loss', 'k3'],
    rloo: ['reward', 'k1'],
    ppo: ['reward', ''],
    dpo: ['loss', ''],
    kto: ['loss', ''],
  };
  const entries = [
    defaultEntry('algorithm', '(algorithm)', {
      value: algorithm.toUpperCase(),
      origin: 'default',
      note: 'told by the keys, the file name or the model card',
    }),
  ];
  const [placement, estimator] = fixed[algorithm] ?? ['', ''];
  const note = `fixed in TRL's ${algorithm.toUpperCase()} trainer`;
  if (placement !== '') {
    entries.push(
      defaultEntry('klPlacement', '(KL placement)', { value: placement, origin: 'default', note }),
    );
  }
  if (estimator !== '') {
    entries.push(
      defaultEntry('klEstimator', '(KL estimator)', { value: estimator, origin: 'default', note }),
    );
  }
  return entries;
}
