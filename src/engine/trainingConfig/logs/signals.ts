// Which key of a training log is which signal. Three different things are called KL: to the reference policy, from the
// old to the new policy (the step), and between trainer and sampler (the mismatch); they are never mixed.
// Sources: trl/trainer/*_trainer.py, verl/utils/metric, openrlhf/trainer, torchtune GRPO recipe, nemo_rl loss functions.
import type { LogSignal } from '../../../shared/report/training.ts';

interface SignalMeaning {
  signal: LogSignal;
  estimator: string | null;
  unit: string | null;
}

/** What is known of the run that wrote the log: it decides what a bare `kl` is. */
export interface LogContext {
  /** `GRPO`, `RLOO`, `KTO`, `AsyncGRPO` …; null = unknown. */
  algorithm: string | null;
  framework: string | null;
  /** Estimator that the config states. */
  klEstimator: string | null;
}

const perToken = 'nats per token';
const perSequence = 'nats per sequence';
const tokens = 'tokens';

const table: Readonly<Record<string, readonly [LogSignal, string | null, string | null]>> = {
  'objective/kl': ['klReference', 'k1', perSequence],
  'actor/kl_loss': ['klReference', 'low_var_kl', perToken],
  'actor/reward_kl_penalty': ['klReference', 'k1', perToken],
  'critic/kl': ['klReference', 'k1', perToken],
  kl_loss: ['klReference', 'k3', perToken],
  kl_penalty: ['klReference', 'k3', perToken],
  'actor/ppo_kl': ['klStep', 'k1', perToken],
  ppo_kl: ['klStep', 'k1', perToken],
  'policy/approxkl_avg': ['klStep', 'k2', perToken],
  approx_policy_kl: ['klStep', 'k1', perToken],
  'rollout_corr/kl': ['klMismatch', 'k1', perToken],
  'rollout_corr/k3_kl': ['klMismatch', 'k3', perToken],
  'mismatch_kl/all/mean': ['klMismatch', null, perToken],
  vllm_kl: ['klMismatch', null, perToken],
  gen_kl_error: ['klMismatch', null, perToken],
  policy_kl_error: ['klMismatch', null, perToken],
  entropy: ['entropy', null, perToken],
  'actor/entropy': ['entropy', null, perToken],
  'actor/entropy_loss': ['entropy', null, perToken],
  'policy/entropy_avg': ['entropy', null, perToken],
  'objective/entropy': ['entropy', null, perSequence],
  'entropy/all/mean': ['entropy', null, perToken],
  approx_entropy: ['entropy', null, perToken],
  entropy_loss: ['entropy', null, perToken],
  reward: ['reward', null, null],
  rewards: ['reward', null, null],
  'critic/score/mean': ['reward', null, null],
  'objective/scores': ['reward', null, null],
  'rollout/reward_mean': ['reward', null, null],
  'completions/mean_length': ['responseLength', null, tokens],
  completion_length: ['responseLength', null, tokens],
  'response_length/mean': ['responseLength', null, tokens],
  response_length: ['responseLength', null, tokens],
  response_lengths: ['responseLength', null, tokens],
  learning_rate: ['learningRate', null, null],
  lr: ['learningRate', null, null],
  'actor/lr': ['learningRate', null, null],
  actor_lr: ['learningRate', null, null],
  'optim/lr': ['learningRate', null, null],
  'lr-pg_0': ['learningRate', null, null],
  grad_norm: ['gradNorm', null, null],
  'actor/grad_norm': ['gradNorm', null, null],
  actor_grad_norm: ['gradNorm', null, null],
  'optim/grad_norm': ['gradNorm', null, null],
  loss: ['loss', null, null],
  'actor/pg_loss': ['loss', null, null],
  policy_loss: ['loss', null, null],
  'loss/mean': ['loss', null, null],
};

/** Null for keys that are none of the signals. A leading `train/` is the logger's, not the trainer's. */
export function meaningOf(key: string, context: LogContext): SignalMeaning | null {
  const bare = key.replace(/^train\//, '');
  if (bare === 'kl') return bareKl(context);
  const found = Object.hasOwn(table, bare) ? table[bare] : undefined;
  if (found === undefined) return null;
  const [signal, usual, unit] = found;
  const estimator = bare === 'actor/kl_loss' ? (context.klEstimator ?? usual) : usual;
  return { signal, estimator, unit };
}

function bareKl({ algorithm, framework, klEstimator }: LogContext): SignalMeaning {
  const name = algorithm?.toUpperCase() ?? '';
  // AsyncGRPO has no reference model: its `kl` is how far the trainer is from the policy that sampled.
  if (name === 'ASYNCGRPO') return { signal: 'klMismatch', estimator: null, unit: perToken };
  if (name === 'KTO') return { signal: 'klReference', estimator: 'batch estimate', unit: perSequence };
  if (name === 'RLOO' || framework === 'OpenRLHF') {
    return { signal: 'klReference', estimator: klEstimator ?? 'k1', unit: perToken };
  }
  return { signal: 'klReference', estimator: klEstimator ?? (name === 'GRPO' ? 'k3' : null), unit: perToken };
}
