// How far off-policy the updates are: passes over the same rollouts, and rollouts of older policies.
import { formatNumber } from '../../../shared/text/format.ts';
import type { FindingContext, FindingRule } from './rule.ts';

const clipping =
  'Schulman et al., arXiv 1707.06347: clipping bounds one pass, later passes move on stale ratios';

/** Optimizer steps on one batch of rollouts; null where the config does not tell. */
function updatesPerRollout(context: FindingContext): number | null {
  const passes = context.number('iterationsPerBatch');
  const rollouts = context.number('rolloutBatchSize');
  const batch = context.number('batchSize');
  if (rollouts === null || batch === null || batch <= 0 || rollouts <= 0) return passes;
  const group = context.number('groupSize') ?? 1;
  // verl counts both in prompts; OpenRLHF and NeMo-RL count the training batch in samples.
  const samples = context.config.framework === 'verl' ? rollouts : rollouts * group;
  return Math.max(1, samples / batch) * (passes ?? 1);
}

const manyPasses: FindingRule = {
  id: 'many-updates-per-rollout',
  gate: 'anchor',
  source: clipping,
  find(context) {
    if (!context.isRl || context.config.framework === 'slime') return null;
    const passes = context.number('iterationsPerBatch') ?? 1;
    const updates = updatesPerRollout(context);
    if (updates === null || (updates < 4 && passes < 2)) return null;
    const step = context.series('klStep');
    return {
      severity: updates >= 16 || passes >= 4 ? 'warning' : 'info',
      message: `About ${formatNumber(updates)} optimizer steps are taken on the same rollouts, so the later ones are off-policy and may drift further than an on-policy run.`,
      evidence: step === null ? null : `measured ${step.key}: peak ${formatNumber(step.peak)}`,
      nextStep:
        'Make the training batch as large as the rollout batch, with one pass, for strictly on-policy updates.',
      entry: passes > 1 ? context.entry('iterationsPerBatch') : context.entry('batchSize'),
    };
  },
};

const staleRollouts: FindingRule = {
  id: 'stale-rollouts',
  gate: 'anchor',
  source: 'prime-rl, TRL AsyncGRPO and verl documentation: max_off_policy_steps, max_staleness',
  find(context) {
    const entry = context.entry('staleness');
    if (!context.isRl || entry === null || typeof entry.value !== 'number' || entry.value < 4) return null;
    const mismatch = context.series('klMismatch');
    return {
      severity: 'info',
      message: `Rollouts may be up to ${entry.value} policy versions old when they are trained on.`,
      evidence: mismatch === null ? null : `measured ${mismatch.key}: peak ${formatNumber(mismatch.peak)}`,
      nextStep: 'Watch the trainer-sampler mismatch; lower the bound if it grows.',
      entry,
    };
  },
};

export const policyRules: readonly FindingRule[] = [manyPasses, staleRollouts];
