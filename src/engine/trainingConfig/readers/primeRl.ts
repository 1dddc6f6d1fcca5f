// prime-rl: the resolved configs/*.json of a run and its TOML input. It has no KL to a base model: `kl_tau` is about
// trainer and sampler. Source: packages/prime-rl-configs.
import type { ConfigDocument } from '../document/configDocument.ts';
import { always, defaultEntry, readFields, type Field } from './fields.ts';
import type { FrameworkReader } from './reader.ts';

const framework = 'prime-rl';

/** rl.json nests the trainer's keys under `trainer`; trainer.json holds them at its root. */
const both = (key: string): string[] => [`trainer.${key}`, key];

const fields: readonly Field[] = [
  { concept: 'baseModel', keys: ['trainer.model.name', 'model.name'], type: 'text' },
  { concept: 'learningRate', keys: both('optim.lr'), type: 'number', fallback: always(1e-6, framework) },
  { concept: 'optimizer', keys: both('optim.type'), type: 'text', fallback: always('adamw', framework) },
  {
    concept: 'weightDecay',
    keys: both('optim.weight_decay'),
    type: 'number',
    fallback: always(0.01, framework),
  },
  { concept: 'maxGradNorm', keys: both('optim.max_norm'), type: 'number', fallback: always(1, framework) },
  {
    concept: 'schedule',
    keys: both('scheduler.type'),
    type: 'text',
    fallback: always('constant', framework),
  },
  { concept: 'lossType', keys: both('loss.type'), type: 'text' },
  { concept: 'maxSteps', keys: ['trainer.max_steps', 'max_steps'], type: 'number' },
  {
    concept: 'weightDtype',
    keys: both('model.optimization_dtype'),
    type: 'text',
    fallback: always('float32', framework),
  },
  { concept: 'batchSize', keys: ['orchestrator.batch_size', 'batch_size'], type: 'number' },
  {
    concept: 'groupSize',
    keys: ['orchestrator.group_size', 'group_size', 'orchestrator.rollouts_per_example'],
    type: 'number',
  },
  {
    concept: 'staleness',
    keys: ['orchestrator.max_off_policy_steps', 'max_off_policy_steps'],
    type: 'number',
    fallback: always(8, framework),
  },
  { concept: 'peftRank', keys: both('model.lora.rank'), type: 'number' },
  { concept: 'peftAlpha', keys: both('model.lora.alpha'), type: 'number' },
];

export const primeRlReader: FrameworkReader = {
  framework,
  evidence(document) {
    const nested =
      document.has('trainer.optim') || document.has('trainer.model') || document.has('trainer.loss');
    if (nested && (document.has('orchestrator') || document.format === 'toml')) return 8;
    return isTrainerFile(document) ? 7 : 0;
  },
  read(document) {
    const { entries, problems } = readFields(document, fields, null);
    const dtype = entries.find((entry) => entry.concept === 'weightDtype')?.value;
    entries.push(
      defaultEntry('klCoefficient', '(KL coefficient)', {
        value: 0,
        origin: 'default',
        note: 'prime-rl has no KL to the base model; kl_tau penalises the trainer-sampler mismatch',
      }),
      defaultEntry('masterWeights', '(master weights)', {
        value: typeof dtype === 'string' && dtype.includes('32') ? 'fp32' : 'none',
        origin: 'default',
        note: 'optimization_dtype is the dtype that the optimizer updates',
      }),
    );
    return { framework, frameworkVersion: null, kind: 'rl', entries, problems };
  },
};

function isTrainerFile(document: ConfigDocument): boolean {
  return (
    document.has('optim.lr') &&
    (document.has('model.optimization_dtype') ||
      document.has('loss.dppo_mask_low') ||
      document.has('loss.kl_tau'))
  );
}
