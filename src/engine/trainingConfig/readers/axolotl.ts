// axolotl: its YAML, also as embedded in the model cards that it writes. Source: axolotl/utils/schemas/*.py.
import type { ConfigEntry, ConfigScalar } from '../../../shared/report/training.ts';
import type { ConfigDocument } from '../document/configDocument.ts';
import {
  always,
  byVersion,
  defaultEntry,
  firstPresent,
  readFields,
  zeroOrLess,
  type Field,
} from './fields.ts';
import { launcherEntries, launcherOf } from './launcher.ts';
import { countPresent, kindOfAlgorithm, type FrameworkReader, type RunFacts } from './reader.ts';

const framework = 'axolotl';

const common: readonly Field[] = [
  { concept: 'algorithm', keys: ['rl'], type: 'text' },
  { concept: 'baseModel', keys: ['base_model'], type: 'text' },
  { concept: 'learningRate', keys: ['learning_rate'], type: 'number' },
  { concept: 'schedule', keys: ['lr_scheduler'], type: 'text', fallback: always('cosine', framework) },
  { concept: 'warmup', keys: ['warmup_steps', 'warmup_ratio'], type: 'number', notSet: zeroOrLess },
  {
    concept: 'optimizer',
    keys: ['optimizer'],
    type: 'text',
    fallback: always('adamw_torch_fused', framework),
  },
  { concept: 'weightDecay', keys: ['weight_decay'], type: 'number', fallback: always(0, framework) },
  { concept: 'maxGradNorm', keys: ['max_grad_norm'], type: 'number' },
  { concept: 'batchSize', keys: ['micro_batch_size'], type: 'number', fallback: always(1, framework) },
  {
    concept: 'gradientAccumulation',
    keys: ['gradient_accumulation_steps'],
    type: 'number',
    fallback: always(1, framework),
  },
  { concept: 'epochs', keys: ['num_epochs'], type: 'number', fallback: always(1, framework) },
  { concept: 'maxSteps', keys: ['max_steps'], type: 'number' },
  {
    concept: 'mixedPrecision',
    keys: ['bf16', 'bfloat16', 'fp16'],
    type: 'any',
    fallback: always('auto', framework),
  },
  { concept: 'seed', keys: ['seed'], type: 'number', fallback: always(42, framework) },
  { concept: 'quantization', keys: ['load_in_4bit', 'load_in_8bit'], type: 'flag' },
  { concept: 'temperature', keys: ['trl.temperature'], type: 'number' },
];

const adapterFields: readonly Field[] = [
  { concept: 'peftMethod', keys: ['adapter'], type: 'text' },
  { concept: 'peftRank', keys: ['lora_r'], type: 'number' },
  { concept: 'peftAlpha', keys: ['lora_alpha'], type: 'number' },
  { concept: 'peftTargets', keys: ['lora_target_modules', 'lora_target_linear'], type: 'any' },
  { concept: 'peftInit', keys: ['peft_init_lora_weights'], type: 'any', fallback: always(true, 'PEFT') },
];

const onlineFields: readonly Field[] = [
  {
    concept: 'klCoefficient',
    keys: ['trl.beta', 'rl_beta'],
    type: 'number',
    fallback: byVersion('TRL', [
      ['0.14', 0.04],
      ['0.19', 0],
    ]),
  },
  { concept: 'groupSize', keys: ['trl.num_generations'], type: 'number' },
  { concept: 'clipRange', keys: ['trl.epsilon'], type: 'number', fallback: always(0.2, 'TRL') },
  { concept: 'clipRangeHigh', keys: ['trl.epsilon_high'], type: 'number' },
  { concept: 'lossType', keys: ['trl.loss_type'], type: 'text' },
  { concept: 'iterationsPerBatch', keys: ['trl.num_iterations'], type: 'number', fallback: always(1, 'TRL') },
  { concept: 'referenceSync', keys: ['trl.sync_ref_model'], type: 'flag' },
];

const preferenceFields: readonly Field[] = [
  { concept: 'klCoefficient', keys: ['rl_beta', 'orpo_alpha'], type: 'number', fallback: always(0.1, 'TRL') },
];

export const axolotlReader: FrameworkReader = {
  framework,
  evidence(document) {
    if (!document.has('base_model')) return 0;
    const own = [
      'micro_batch_size',
      'sequence_len',
      'adapter',
      'val_set_size',
      'sample_packing',
      'num_epochs',
      'lora_target_linear',
      'trl',
      'rl',
    ];
    const found = countPresent(document, own);
    return found >= 2 ? Math.min(9, 5 + found) : 0;
  },
  read(document, facts) {
    const rl = document.get('rl')?.value;
    const algorithm = typeof rl === 'string' ? rl : 'sft';
    const kind = kindOfAlgorithm(algorithm);
    const adapter = typeof document.get('adapter')?.value === 'string';
    const fields = [
      ...common,
      ...(adapter ? adapterFields : []),
      ...(kind === 'rl' ? onlineFields : kind === 'preference' ? preferenceFields : []),
    ];
    const { entries, problems } = readFields(document, fields, facts.versions.get('trl') ?? null);
    if (kind === 'rl') {
      const note = "fixed in TRL's GRPO trainer, which axolotl runs";
      entries.push(
        defaultEntry('klPlacement', '(KL placement)', { value: 'loss', origin: 'default', note }),
        defaultEntry('klEstimator', '(KL estimator)', { value: 'k3', origin: 'default', note }),
      );
    }
    entries.push(...precisionEntries(document, facts, adapter));
    return { framework, frameworkVersion: facts.versions.get('axolotl') ?? null, kind, entries, problems };
  },
};

/** axolotl loads the weights themselves in bf16 whenever bf16 is on. */
function precisionEntries(document: ConfigDocument, facts: RunFacts, adapter: boolean): ConfigEntry[] {
  const launcher = launcherOf(document, facts);
  const stated = firstPresent(document, ['bf16', 'bfloat16'])?.value ?? 'auto';
  const bf16 = stated === true || stated === 'auto' || stated === 'full';
  const deduced = (value: ConfigScalar, note: string): ConfigEntry =>
    defaultEntry('masterWeights', '(master weights)', { value, origin: 'default', note });
  const sharded = launcher !== null && (launcher.kind === 'fsdp' || launcher.kind === 'deepspeed');
  return [
    ...launcherEntries(document, launcher),
    defaultEntry('weightDtype', 'bf16', {
      value: bf16 ? 'bfloat16' : 'float32',
      origin: 'default',
      note: 'axolotl loads the weights in bf16 whenever bf16 is on',
    }),
    adapter
      ? deduced('fp32', 'PEFT keeps adapter weights in fp32 by default')
      : !bf16
        ? deduced('fp32', 'the weights themselves are kept in fp32')
        : sharded
          ? deduced('fp32', `${launcher.from} keeps fp32 master weights`)
          : deduced('none', 'axolotl loads bf16 weights, and neither FSDP nor DeepSpeed is configured'),
  ];
}
