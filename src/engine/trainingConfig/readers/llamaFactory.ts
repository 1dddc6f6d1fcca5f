// LLaMA-Factory: transformers' flat keys plus its own `stage` and `finetuning_type`. Source: llamafactory/hparams/*.py,
// llamafactory/model/adapter.py (what is upcast to fp32).
import type { ConfigEntry } from '../../../shared/report/training.ts';
import type { ConfigDocument } from '../document/configDocument.ts';
import { always, defaultEntry, readFields, statedEntry, type Field } from './fields.ts';
import { trainerFields } from './huggingFaceFields.ts';
import { launcherEntries, launcherOf } from './launcher.ts';
import { countPresent, kindOfAlgorithm, type FrameworkReader } from './reader.ts';

const framework = 'LLaMA-Factory';

const preferenceFields: readonly Field[] = [
  { concept: 'klCoefficient', keys: ['pref_beta'], type: 'number', fallback: always(0.1, framework) },
  { concept: 'lossType', keys: ['pref_loss'], type: 'text', fallback: always('sigmoid', framework) },
  { concept: 'referenceModel', keys: ['ref_model'], type: 'text' },
];

const ppoFields: readonly Field[] = [
  { concept: 'iterationsPerBatch', keys: ['ppo_epochs'], type: 'number', fallback: always(4, framework) },
];

const adapterFields: readonly Field[] = [
  { concept: 'peftRank', keys: ['lora_rank'], type: 'number', fallback: always(8, framework) },
  {
    concept: 'peftAlpha',
    keys: ['lora_alpha'],
    type: 'number',
    fallback: () => ({ value: null, origin: 'default', note: 'default of LLaMA-Factory: twice the rank' }),
  },
  { concept: 'peftTargets', keys: ['lora_target'], type: 'list', fallback: always('all', framework) },
];

export const llamaFactoryReader: FrameworkReader = {
  framework,
  evidence(document) {
    const own = [
      'stage',
      'finetuning_type',
      'template',
      'cutoff_len',
      'pref_beta',
      'pref_loss',
      'pissa_init',
      'lora_target',
      'dataset_dir',
    ];
    const found = countPresent(document, own);
    return document.has('stage') || document.has('finetuning_type')
      ? Math.min(9, 5 + found)
      : found >= 3
        ? 5
        : 0;
  },
  read(document, facts) {
    const stated = document.get('stage')?.value;
    const stage = typeof stated === 'string' ? stated : 'sft';
    const kind = kindOfAlgorithm(stage);
    const method = document.get('finetuning_type')?.value ?? 'lora';
    const adapter = method === 'lora' || method === 'oft';
    const fields: Field[] = [
      { concept: 'algorithm', keys: ['stage'], type: 'text', fallback: always('sft', framework) },
      { concept: 'peftMethod', keys: ['finetuning_type'], type: 'text', fallback: always('lora', framework) },
      ...trainerFields(5e-5, framework),
      ...(kind === 'preference' ? preferenceFields : []),
      ...(stage === 'ppo' ? ppoFields : []),
      ...(adapter ? adapterFields : []),
    ];
    const version = facts.versions.get('llamafactory') ?? null;
    const { entries, problems } = readFields(document, fields, version);
    entries.push(
      ...adapterEntries(document, adapter),
      ...launcherEntries(document, launcherOf(document, facts)),
      masterWeights(document),
    );
    return { framework, frameworkVersion: version, kind, entries, problems };
  },
};

function adapterEntries(document: ConfigDocument, adapter: boolean): ConfigEntry[] {
  if (!adapter) return [];
  const pissa = document.get('pissa_init');
  const variants = (
    [
      ['use_dora', 'DoRA'],
      ['use_rslora', 'rsLoRA'],
    ] as const
  ).flatMap(([key, name]) => {
    const found = document.get(key);
    return found?.value === true ? [statedEntry(document, 'peftVariant', found, name)] : [];
  });
  const init =
    pissa?.value === true
      ? [{ ...statedEntry(document, 'peftInit', pissa, 'pissa'), defaultNote: 'pissa_init: true' }]
      : [
          defaultEntry('peftInit', 'pissa_init', {
            value: true,
            origin: 'default',
            note: 'default of LLaMA-Factory: plain LoRA',
          }),
        ];
  return [...init, ...variants];
}

function masterWeights(document: ConfigDocument): ConfigEntry {
  const pure = document.get('pure_bf16');
  if (pure?.value === true) {
    return {
      ...statedEntry(document, 'masterWeights', pure, 'none'),
      defaultNote: 'pure_bf16 keeps the trained weights in bf16',
    };
  }
  return defaultEntry('masterWeights', '(master weights)', {
    value: 'fp32',
    origin: 'default',
    note: 'LLaMA-Factory upcasts trained weights to fp32 unless pure_bf16 is set',
  });
}
