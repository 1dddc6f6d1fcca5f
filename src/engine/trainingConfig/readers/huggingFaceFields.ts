// Fields of transformers' TrainingArguments and TRL's ModelConfig: the flat names that a whole family of tools shares.
// Sources: transformers/training_args.py (4.57, 5.18), trl/trainer/{model_config,grpo_config,rloo_config,dpo_config,sft_config}.py
import type { ConfigScalar } from '../../../shared/report/training.ts';
import { always, byVersion, zeroOrLess, type Field } from './fields.ts';

const baseModelKeys = ['model_name_or_path', 'model_id', 'base_model', 'model_path', '_name_or_path'];

/** Fields that every Trainer run has, with the learning rate's default of the algorithm's own config class. */
export function trainerFields(learningRate: ConfigScalar, framework: string): Field[] {
  return [
    { concept: 'baseModel', keys: baseModelKeys, type: 'text' },
    {
      concept: 'learningRate',
      keys: ['learning_rate'],
      type: 'number',
      ...(learningRate === null ? {} : { fallback: always(learningRate, framework) }),
    },
    { concept: 'schedule', keys: ['lr_scheduler_type'], type: 'text', fallback: always('linear', framework) },
    {
      concept: 'warmup',
      keys: ['warmup_steps', 'warmup_ratio'],
      type: 'number',
      notSet: zeroOrLess,
      fallback: always(0, framework),
    },
    { concept: 'optimizer', keys: ['optim'], type: 'text', fallback: always('adamw_torch', framework) },
    { concept: 'weightDecay', keys: ['weight_decay'], type: 'number', fallback: always(0, framework) },
    { concept: 'maxGradNorm', keys: ['max_grad_norm'], type: 'number', fallback: always(1, framework) },
    { concept: 'mixedPrecision', keys: ['bf16'], type: 'flag' },
    { concept: 'maxSteps', keys: ['max_steps'], type: 'number', fallback: always(-1, framework) },
    { concept: 'epochs', keys: ['num_train_epochs'], type: 'number', fallback: always(3, framework) },
    {
      concept: 'batchSize',
      keys: ['per_device_train_batch_size'],
      type: 'number',
      fallback: always(8, framework),
    },
    {
      concept: 'gradientAccumulation',
      keys: ['gradient_accumulation_steps'],
      type: 'number',
      fallback: always(1, framework),
    },
    { concept: 'seed', keys: ['seed'], type: 'number', fallback: always(42, framework) },
  ];
}

/** TRL's script arguments for models and adapters. */
export const trlModelFields: readonly Field[] = [
  {
    concept: 'weightDtype',
    keys: ['dtype', 'torch_dtype', 'model_init_kwargs.dtype', 'model_init_kwargs.torch_dtype'],
    type: 'text',
    fallback: byVersion('TRL', [
      ['0.0', null],
      ['0.26', 'auto'],
      ['0.27', 'float32'],
    ]),
  },
  { concept: 'quantization', keys: ['load_in_4bit', 'load_in_8bit'], type: 'flag' },
  { concept: 'peftRank', keys: ['lora_r'], type: 'number' },
  { concept: 'peftAlpha', keys: ['lora_alpha'], type: 'number' },
  { concept: 'peftTargets', keys: ['lora_target_modules'], type: 'list' },
  { concept: 'peftInit', keys: ['init_lora_weights'], type: 'any' },
];

export const trlCommonFields: readonly Field[] = [
  { concept: 'temperature', keys: ['temperature'], type: 'number' },
  { concept: 'entropyCoefficient', keys: ['entropy_coef'], type: 'number' },
];

const rolloutFields: readonly Field[] = [
  { concept: 'clipRange', keys: ['epsilon'], type: 'number', fallback: always(0.2, 'TRL') },
  { concept: 'clipRangeHigh', keys: ['epsilon_high'], type: 'number' },
  { concept: 'iterationsPerBatch', keys: ['num_iterations'], type: 'number', fallback: always(1, 'TRL') },
  { concept: 'rolloutBatchSize', keys: ['generation_batch_size'], type: 'number' },
  { concept: 'referenceSync', keys: ['sync_ref_model'], type: 'flag', fallback: always(false, 'TRL') },
];

/** Fields by algorithm; `beta` means something else in each. */
export const trlAlgorithmFields: Readonly<Record<string, readonly Field[]>> = {
  grpo: [
    {
      concept: 'klCoefficient',
      keys: ['beta'],
      type: 'number',
      fallback: byVersion('TRL', [
        ['0.14', 0.04],
        ['0.19', 0],
      ]),
    },
    { concept: 'groupSize', keys: ['num_generations'], type: 'number', fallback: always(8, 'TRL') },
    {
      concept: 'lossType',
      keys: ['loss_type'],
      type: 'text',
      fallback: byVersion('TRL', [
        ['0.14', null],
        ['0.17', 'bnpo'],
        ['0.22', 'dapo'],
      ]),
    },
    ...rolloutFields,
  ],
  asyncgrpo: [
    {
      concept: 'klCoefficient',
      keys: ['beta'],
      type: 'number',
      fallback: () => ({ value: 0, origin: 'default', note: 'AsyncGRPO has no reference model and no beta' }),
    },
    { concept: 'groupSize', keys: ['num_generations'], type: 'number', fallback: always(8, 'TRL') },
    { concept: 'staleness', keys: ['max_staleness'], type: 'number', fallback: always(4, 'TRL') },
    { concept: 'clipRange', keys: ['epsilon'], type: 'number', fallback: always(0.2, 'TRL') },
  ],
  rloo: [
    { concept: 'klCoefficient', keys: ['beta', 'kl_coef'], type: 'number', fallback: always(0.05, 'TRL') },
    { concept: 'groupSize', keys: ['num_generations', 'rloo_k'], type: 'number', fallback: always(2, 'TRL') },
    ...rolloutFields,
  ],
  ppo: [
    { concept: 'klCoefficient', keys: ['kl_coef'], type: 'number', fallback: always(0.05, 'TRL') },
    { concept: 'klEstimator', keys: ['kl_estimator'], type: 'text', fallback: always('k1', 'TRL') },
    { concept: 'clipRange', keys: ['cliprange'], type: 'number', fallback: always(0.2, 'TRL') },
    { concept: 'iterationsPerBatch', keys: ['num_ppo_epochs'], type: 'number', fallback: always(4, 'TRL') },
  ],
  dpo: [
    { concept: 'klCoefficient', keys: ['beta'], type: 'number', fallback: always(0.1, 'TRL') },
    { concept: 'lossType', keys: ['loss_type'], type: 'any', fallback: always('sigmoid', 'TRL') },
    { concept: 'referenceModel', keys: ['ref_model', 'ref_model_name_or_path'], type: 'text' },
    { concept: 'referenceSync', keys: ['sync_ref_model'], type: 'flag', fallback: always(false, 'TRL') },
  ],
  kto: [
    { concept: 'klCoefficient', keys: ['beta'], type: 'number', fallback: always(0.1, 'TRL') },
    { concept: 'lossType', keys: ['loss_type'], type: 'text' },
  ],
  sft: [{ concept: 'lossType', keys: ['loss_type'], type: 'text' }],
};

/** Learning-rate defaults that TRL's config classes set over TrainingArguments'. */
export const trlLearningRate: Readonly<Record<string, number>> = {
  grpo: 1e-6,
  asyncgrpo: 1e-6,
  rloo: 1e-6,
  dpo: 1e-6,
  kto: 1e-6,
  ppo: 3e-6,
  sft: 2e-5,
};
