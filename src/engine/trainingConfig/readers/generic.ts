// A file of an unknown framework: what keys say that mean the same everywhere. Nothing is assumed for what is absent.
import { readFields, type Field } from './fields.ts';
import { algorithmInPath, countPresent, kindOfAlgorithm, type FrameworkReader } from './reader.ts';

const fields: readonly Field[] = [
  {
    concept: 'baseModel',
    keys: [
      'model_name_or_path',
      'base_model',
      'model_id',
      'model.name',
      'model.path',
      'model_name',
      'pretrain',
    ],
    type: 'text',
  },
  {
    concept: 'learningRate',
    keys: [
      'learning_rate',
      'lr',
      'optimizer.lr',
      'optim.lr',
      'optimizer.learning_rate',
      'training.learning_rate',
      'train.lr',
    ],
    type: 'number',
  },
  {
    concept: 'klCoefficient',
    keys: ['kl_coef', 'kl_coeff', 'kl_loss_coef', 'init_kl_coef', 'kl_penalty_coef'],
    type: 'number',
  },
  { concept: 'schedule', keys: ['lr_scheduler_type', 'lr_scheduler', 'scheduler'], type: 'text' },
  { concept: 'optimizer', keys: ['optim', 'optimizer', 'optimizer.name', 'optimizer.type'], type: 'text' },
  { concept: 'weightDecay', keys: ['weight_decay', 'optimizer.weight_decay'], type: 'number' },
  { concept: 'weightDtype', keys: ['dtype', 'torch_dtype', 'precision'], type: 'text' },
  { concept: 'mixedPrecision', keys: ['bf16', 'mixed_precision'], type: 'any' },
  { concept: 'epochs', keys: ['num_train_epochs', 'epochs', 'num_epochs', 'max_epochs'], type: 'number' },
  { concept: 'maxSteps', keys: ['max_steps', 'num_steps', 'total_steps'], type: 'number' },
  { concept: 'batchSize', keys: ['batch_size', 'train_batch_size', 'global_batch_size'], type: 'number' },
  { concept: 'gradientAccumulation', keys: ['gradient_accumulation_steps'], type: 'number' },
  { concept: 'groupSize', keys: ['num_generations', 'group_size', 'n_samples_per_prompt'], type: 'number' },
  { concept: 'peftRank', keys: ['lora_r', 'lora_rank'], type: 'number' },
  { concept: 'peftAlpha', keys: ['lora_alpha'], type: 'number' },
  { concept: 'seed', keys: ['seed'], type: 'number' },
];

const told = fields.flatMap((field) => field.keys);

export const genericReader: FrameworkReader = {
  framework: 'unknown',
  evidence: (document) => (countPresent(document, told) >= 2 ? 1 : 0),
  read(document, facts) {
    const { entries, problems } = readFields(document, fields, null);
    return {
      framework: 'unknown',
      frameworkVersion: null,
      kind: kindOfAlgorithm(facts.algorithm ?? algorithmInPath(document.file)),
      entries,
      problems,
    };
  },
};
