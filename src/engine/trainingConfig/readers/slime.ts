// slime: launch scripts with Megatron's and slime's own flags. Source: slime/utils/arguments.py.
import { always, defaultEntry, readFields, statedEntry, type Field } from './fields.ts';
import { countPresent, type FrameworkReader } from './reader.ts';

const framework = 'slime';

const fields: readonly Field[] = [
  { concept: 'algorithm', keys: ['advantage-estimator'], type: 'text', fallback: always('grpo', framework) },
  { concept: 'baseModel', keys: ['hf-checkpoint'], type: 'text' },
  { concept: 'referenceModel', keys: ['ref-load'], type: 'text' },
  { concept: 'learningRate', keys: ['lr'], type: 'number', fallback: always(1e-6, framework) },
  {
    concept: 'optimizer',
    keys: ['optimizer'],
    type: 'text',
    fallback: always('adam', "Megatron's arguments"),
  },
  { concept: 'schedule', keys: ['lr-decay-style'], type: 'text' },
  { concept: 'weightDecay', keys: ['weight-decay'], type: 'number' },
  { concept: 'maxGradNorm', keys: ['clip-grad'], type: 'number', fallback: always(1, framework) },
  { concept: 'clipRange', keys: ['eps-clip'], type: 'number', fallback: always(0.2, framework) },
  { concept: 'clipRangeHigh', keys: ['eps-clip-high'], type: 'number' },
  { concept: 'entropyCoefficient', keys: ['entropy-coef'], type: 'number', fallback: always(0, framework) },
  { concept: 'rolloutBatchSize', keys: ['rollout-batch-size'], type: 'number' },
  { concept: 'groupSize', keys: ['n-samples-per-prompt'], type: 'number', fallback: always(1, framework) },
  { concept: 'batchSize', keys: ['global-batch-size'], type: 'number' },
  { concept: 'iterationsPerBatch', keys: ['num-steps-per-rollout'], type: 'number' },
  { concept: 'maxSteps', keys: ['num-rollout'], type: 'number' },
  { concept: 'temperature', keys: ['rollout-temperature'], type: 'number' },
  { concept: 'referenceSync', keys: ['ref-update-interval'], type: 'number' },
  { concept: 'seed', keys: ['seed'], type: 'number', fallback: always(1234, framework) },
];

export const slimeReader: FrameworkReader = {
  framework,
  evidence(document) {
    if (document.format !== 'shell') return 0;
    const own = [
      'advantage-estimator',
      'hf-checkpoint',
      'rollout-batch-size',
      'n-samples-per-prompt',
      'num-rollout',
      'use-kl-loss',
      'kl-loss-coef',
    ];
    return countPresent(document, own) >= 2 ? 8 : 0;
  },
  read(document) {
    const { entries, problems } = readFields(document, fields, null);
    const useLoss = document.get('use-kl-loss');
    const lossOn = useLoss !== null && useLoss.value !== false;
    const key = lossOn ? 'kl-loss-coef' : 'kl-coef';
    const kl = readFields(
      document,
      [
        { concept: 'klCoefficient', keys: [key], type: 'number', fallback: always(0, framework) },
        { concept: 'klEstimator', keys: ['kl-loss-type'], type: 'text', fallback: always('k1', framework) },
      ],
      null,
    );
    entries.push(
      ...kl.entries,
      lossOn
        ? statedEntry(document, 'klPlacement', useLoss, 'loss')
        : defaultEntry('klPlacement', 'kl-coef', always('reward', framework)()),
      defaultEntry('masterWeights', '(master weights)', {
        value: 'fp32',
        origin: 'default',
        note: 'Megatron keeps fp32 main parameters',
      }),
    );
    return {
      framework,
      frameworkVersion: null,
      kind: 'rl',
      entries,
      problems: [...problems, ...kl.problems],
    };
  },
};
