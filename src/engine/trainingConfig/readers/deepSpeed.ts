// DeepSpeed's own config file: batch sizes, precision, ZeRO stage, and whether ZeRO-3 gathers what it saves. `auto` is a
// value that transformers' Trainer fills in when the run starts. Source: deepspeed/runtime/config.py, runtime/zero/config.py,
// transformers/integrations/deepspeed.py.
import type { ConfigEntry } from '../../../shared/report/training.ts';
import type { ConfigDocument } from '../document/configDocument.ts';
import { always, defaultEntry, readFields, statedEntry, type Field } from './fields.ts';
import { countPresent, type FrameworkReader } from './reader.ts';

const framework = 'DeepSpeed';
const auto = "filled in by transformers' Trainer when the run starts";

const fields: readonly Field[] = [
  { concept: 'learningRate', keys: ['optimizer.params.lr'], type: 'number', auto },
  { concept: 'optimizer', keys: ['optimizer.type'], type: 'text' },
  { concept: 'weightDecay', keys: ['optimizer.params.weight_decay'], type: 'number', auto },
  { concept: 'schedule', keys: ['scheduler.type'], type: 'text' },
  { concept: 'maxGradNorm', keys: ['gradient_clipping'], type: 'number', auto },
  {
    concept: 'batchSize',
    keys: ['train_micro_batch_size_per_gpu', 'train_batch_size'],
    type: 'number',
    auto,
  },
  { concept: 'gradientAccumulation', keys: ['gradient_accumulation_steps'], type: 'number', auto },
];

const gatherKey = 'zero_optimization.stage3_gather_16bit_weights_on_model_save';

export const deepSpeedReader: FrameworkReader = {
  framework,
  evidence(document) {
    if (document.has('zero_optimization.stage')) return 9;
    const own = [
      'zero_optimization',
      'train_micro_batch_size_per_gpu',
      'bf16.enabled',
      'fp16.enabled',
      gatherKey,
    ];
    return countPresent(document, own) >= 2 ? 8 : 0;
  },
  read(document) {
    const { entries, problems } = readFields(document, fields, null);
    entries.push(...precisionEntries(document), ...zeroEntries(document));
    return { framework, frameworkVersion: null, kind: 'unknown', entries, problems };
  },
};

function precisionEntries(document: ConfigDocument): ConfigEntry[] {
  return (['bf16', 'fp16'] as const).flatMap((name) => {
    const enabled = document.get(`${name}.enabled`);
    if (enabled === null || enabled.value === false) return [];
    const entry = statedEntry(
      document,
      'mixedPrecision',
      enabled,
      enabled.value === true ? name : enabled.value,
    );
    return [enabled.value === 'auto' ? { ...entry, origin: 'unknown' as const, defaultNote: auto } : entry];
  });
}

function zeroEntries(document: ConfigDocument): ConfigEntry[] {
  const stage = document.get('zero_optimization.stage');
  if (stage === null || typeof stage.value !== 'number') return [];
  const launcher = statedEntry(document, 'launcher', stage, `DeepSpeed ZeRO-${stage.value}`);
  if (stage.value !== 3) return [launcher];
  const gather = document.get(gatherKey);
  return [
    launcher,
    gather === null
      ? defaultEntry('gatherOnSave', gatherKey, always(false, framework)())
      : statedEntry(document, 'gatherOnSave', gather, gather.value),
  ];
}
