// Plain transformers Trainer arguments without a sign of TRL: what the common keys say, and nothing about an algorithm
// that the file does not name.
import { algorithmInPath, countPresent, kindOfAlgorithm, type FrameworkReader } from './reader.ts';
import { readFields } from './fields.ts';
import { trainerFields, trlModelFields } from './huggingFaceFields.ts';
import { launcherEntries, launcherOf } from './launcher.ts';
import { masterWeightsEntry } from './masterWeights.ts';

const trainerKeys = [
  'learning_rate',
  'lr_scheduler_type',
  'per_device_train_batch_size',
  'gradient_accumulation_steps',
  'num_train_epochs',
  'max_steps',
  'warmup_steps',
  'warmup_ratio',
  'adam_beta2',
  'optim',
  'weight_decay',
];

export const transformersReader: FrameworkReader = {
  framework: 'transformers',
  evidence(document) {
    const found = countPresent(document, trainerKeys);
    return found >= 2 ? Math.min(4, found) : 0;
  },
  read(document, facts) {
    const version = facts.versions.get('transformers') ?? null;
    // A loading dtype that is not stated is fp32 up to v4 and the file's own since v5.
    const fields = [
      ...trainerFields(5e-5, 'transformers'),
      ...trlModelFields.map((field) => ({ concept: field.concept, keys: field.keys, type: field.type })),
    ];
    const { entries, problems } = readFields(document, fields, version);
    const launcher = launcherOf(document, facts);
    const dtype = entries.find((entry) => entry.concept === 'weightDtype')?.value ?? null;
    const adapter = facts.adapter || document.has('lora_r') || document.get('use_peft')?.value === true;
    entries.push(
      ...launcherEntries(document, launcher),
      masterWeightsEntry(typeof dtype === 'string' ? dtype : null, launcher, adapter),
    );
    return {
      framework: 'transformers',
      frameworkVersion: version,
      kind: kindOfAlgorithm(facts.algorithm ?? algorithmInPath(document.file)),
      entries,
      problems,
    };
  },
};
