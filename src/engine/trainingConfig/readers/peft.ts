// PEFT's adapter_config.json. Only `peft_type` is guaranteed to be in it; defaults are LoraConfig's.
// Source: peft/config.py, peft/tuners/lora/config.py.
import type { ConfigEntry } from '../../../shared/report/training.ts';
import { always, readFields, statedEntry, type Field } from './fields.ts';
import type { FrameworkReader } from './reader.ts';

const fields: readonly Field[] = [
  { concept: 'peftMethod', keys: ['peft_type'], type: 'text' },
  { concept: 'baseModel', keys: ['base_model_name_or_path'], type: 'text' },
];

const loraFields: readonly Field[] = [
  { concept: 'peftRank', keys: ['r'], type: 'number', fallback: always(8, 'PEFT') },
  { concept: 'peftAlpha', keys: ['lora_alpha'], type: 'number', fallback: always(8, 'PEFT') },
  { concept: 'peftTargets', keys: ['target_modules'], type: 'list' },
  { concept: 'peftInit', keys: ['init_lora_weights'], type: 'any', fallback: always(true, 'PEFT') },
];

export const peftReader: FrameworkReader = {
  framework: 'PEFT',
  evidence: (document) => (document.has('peft_type') && !document.has('learning_rate') ? 9 : 0),
  read(document) {
    const lora = document.get('peft_type')?.value === 'LORA';
    const version = document.get('peft_version')?.value;
    const { entries, problems } = readFields(document, lora ? [...fields, ...loraFields] : fields, null);
    const parameters = document.get('target_parameters')?.value;
    const extra = Array.isArray(parameters) ? parameters : [];
    const targeted = entries.map((entry) =>
      entry.concept === 'peftTargets' && Array.isArray(entry.value)
        ? { ...entry, value: [...entry.value, ...extra] }
        : entry,
    );
    const variant = (
      [
        ['use_dora', 'DoRA'],
        ['use_rslora', 'rsLoRA'],
      ] as const
    ).flatMap(([key, name]): ConfigEntry[] => {
      const found = document.get(key);
      return found?.value === true ? [statedEntry(document, 'peftVariant', found, name)] : [];
    });
    return {
      framework: 'PEFT',
      frameworkVersion: typeof version === 'string' ? version : null,
      kind: 'unknown',
      entries: [...targeted, ...variant],
      problems,
    };
  },
};
