// Made-up training evidence: a GRPO config with findings and logs, and an SFT one without.
import type {
  ConfigEntry,
  Finding,
  LogSeries,
  LogSignal,
  TrainingEvidence,
} from '../../src/shared/report/training.ts';
import { seeded } from './random.ts';

const grpoFile = '/runs/grpo-run7/checkpoint-400/grpo_config.yaml';
const sftFile = '/runs/sft/sft_config.yaml';

export const noTraining: TrainingEvidence = {
  ...{ config: null, logs: [], findings: [] },
  ...{ learningRatePeak: null, learningRateSum: null, steps: null, problems: [] },
};

export function grpoTraining(): TrainingEvidence {
  return {
    config: {
      ...{ framework: 'TRL', frameworkVersion: '0.22', kind: 'rl', files: [grpoFile] },
      entries: [
        entry('algorithm', 'trainer', 'GRPO', 1),
        entry('klCoefficient', 'beta', 0.001, 8, 'anchor'),
        entry('klEstimator', 'kl_estimator', 'k3', null, 'anchor', 'fixed in TRL GRPO'),
        entry('referenceSync', 'sync_ref_model', false, null, 'anchor', 'TRL ≥ 0.12'),
        entry('clipRange', 'epsilon', 0.2, 18),
        entry('groupSize', 'num_generations', 8, 9),
        entry('lossType', 'loss_type', 'dapo', null, null, 'TRL ≥ 0.22; bnpo in 0.17–0.21'),
        entry('learningRate', 'learning_rate', 1e-6, 5, 'precision'),
        entry('schedule', 'lr_scheduler_type', 'constant_with_warmup', 6),
        entry('optimizer', 'optim', 'adamw_torch', 19),
        entry('weightDecay', 'weight_decay', 0, 23),
        entry('maxGradNorm', 'max_grad_norm', 1, 24),
        entry('mixedPrecision', 'bf16', true, 4, 'precision'),
        entry('weightDtype', 'torch_dtype', 'bfloat16', 3, 'precision'),
        { ...entry('masterWeights', 'master_weights', null, null, 'precision'), origin: 'unknown' },
        entry('maxSteps', 'max_steps', 400, 12),
        entry('batchSize', 'per_device_train_batch_size', 256, 10),
      ],
    },
    logs: [
      series('klReference', 'kl', 'k3', 'nats per token', (step) => 0.012 * (1 - Math.exp(-step / 90))),
      series('reward', 'reward', null, null, (step) => 0.43 + 0.31 * (1 - Math.exp(-step / 120))),
      series('entropy', 'entropy', null, 'nats', (step) => 0.57 - 0.18 * (1 - Math.exp(-step / 140))),
    ],
    findings: [grpoFinding, reachableFinding],
    ...{ learningRatePeak: 1e-6, learningRateSum: 3.95e-4, steps: 400, problems: [] },
  };
}

export function sftTraining(): TrainingEvidence {
  return {
    config: {
      ...{ framework: 'TRL', frameworkVersion: null, kind: 'sft', files: [sftFile] },
      entries: [
        { ...entry('learningRate', 'learning_rate', 3e-4, 5, 'precision'), location: place(sftFile, 5) },
        { ...entry('schedule', 'lr_scheduler_type', 'cosine', 6), location: place(sftFile, 6) },
        { ...entry('mixedPrecision', 'bf16', true, 4, 'precision'), location: place(sftFile, 4) },
        { ...entry('epochs', 'num_train_epochs', 3, 8), location: place(sftFile, 8) },
      ],
    },
    logs: [],
    findings: [
      {
        ...{
          id: 'kl-anchor-absent',
          severity: 'info',
          gate: 'anchor',
          concept: null,
          location: null,
          fix: null,
        },
        message: 'Supervised fine-tuning has no KL anchor: nothing pulls the weights back to the base.',
        evidence: 'Relative drift 0.0820, beyond the 0.0300 from which the anchor counts as broken.',
        source: 'arXiv 2511.08567, Gate I',
        nextStep: 'If drift matters here, compare with a run at a lower learning rate.',
      },
    ],
    ...{ learningRatePeak: 3e-4, learningRateSum: 0.058, steps: 384, problems: [] },
  };
}

const grpoFinding: Finding = {
  ...{ id: 'bf16-absorbs-steps', severity: 'warning', gate: 'precision', concept: 'learningRate' },
  message: 'Most weights cannot move in bf16 at this learning rate unless a wider master copy is kept.',
  evidence: '61.2 % of the weights have half a bf16 step above 1e-6.',
  source: 'arXiv 2511.08567, Gate III',
  nextStep: 'Check whether the trainer keeps fp32 master weights; see master_weights above.',
  location: place(grpoFile, 5),
  fix: null,
};

const reachableFinding: Finding = {
  ...{ id: 'kl-anchor-held', severity: 'info', gate: 'anchor', concept: 'klCoefficient' },
  message: 'The KL penalty is small, and the measured drift and KL are low as well.',
  evidence: 'KL 0.0119 nats per token at the last step, drift 0.00210.',
  source: 'arXiv 2511.08567, Gate I',
  nextStep: 'Nothing to do.',
  location: place(grpoFile, 8),
  fix: null,
};

function place(file: string, line: number): { file: string; line: number; column: number; length: number } {
  return { file, line, column: 1, length: 8 };
}

function entry(
  concept: ConfigEntry['concept'],
  key: string,
  value: ConfigEntry['value'],
  line: number | null,
  gate: ConfigEntry['gate'] = null,
  defaultNote: string | null = null,
): ConfigEntry {
  return {
    ...{ concept, key, value, gate, defaultNote },
    origin: line === null ? 'default' : 'stated',
    location: line === null ? null : place(grpoFile, line),
    valueLocation: null,
  };
}

function series(
  signal: LogSignal,
  key: string,
  estimator: string | null,
  unit: string | null,
  shape: (step: number) => number,
): LogSeries {
  const random = seeded(key.length);
  const points = Array.from({ length: 200 }, (_, index): [number, number] => {
    const step = (index + 1) * 2;
    return [step, shape(step) * random.between(0.92, 1.08)];
  });
  const values = points.map(([, value]) => value);
  return {
    ...{ signal, key, estimator, unit, points, count: 400 },
    file: '/runs/grpo-run7/checkpoint-400/trainer_state.json',
    last: values[values.length - 1] ?? 0,
    mean: values.reduce((sum, value) => sum + value, 0) / values.length,
    peak: values.reduce((most, value) => Math.max(most, Math.abs(value)), 0),
  };
}
