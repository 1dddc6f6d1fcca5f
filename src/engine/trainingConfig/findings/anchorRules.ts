// Gate I: is there a KL anchor, does it act, does it hold, and does it point at the right policy.
import { formatNumber, formatSetting } from '../../../shared/text/format.ts';
import { driftOf, together } from './measuredWords.ts';
import type { FindingContext, FindingRule, Statement } from './rule.ts';

const gateOne = 'Zhu et al., arXiv 2511.08567, Gate I';

function loggedKlOf(context: FindingContext): string | null {
  const kl = context.series('klReference');
  if (kl === null) return null;
  return `measured ${kl.key}: last ${formatNumber(kl.last)}, peak ${formatNumber(kl.peak)}${kl.unit === null ? '' : ` ${kl.unit}`}`;
}

const absent: FindingRule = {
  id: 'kl-anchor-absent',
  gate: 'anchor',
  source: gateOne,
  find(context) {
    const entry = context.entry('klCoefficient');
    if (!context.isRl || entry?.value !== 0) return null;
    const standing = context.report?.summary.gates.anchor.standing ?? 'unknown';
    const evidence = together(driftOf(context.report), loggedKlOf(context));
    const drifted = standing === 'broken' || standing === 'middle';
    return {
      severity: drifted ? 'warning' : 'info',
      message:
        driftOf(context.report) === null
          ? `No KL anchor: ${entry.key} leaves the KL coefficient at 0, so nothing but clipping and small steps may keep the policy near its reference.`
          : `No KL anchor (${entry.key} leaves the coefficient at 0), and the drift of the weights was measured.`,
      evidence,
      nextStep: drifted
        ? 'Set a small KL coefficient (1e-3 is common), or lower the learning rate, and compare again.'
        : 'Nothing to do while drift and KL stay low; watch them if the run goes on.',
      entry,
    };
  },
};

const notHolding: FindingRule = {
  id: 'kl-anchor-not-holding',
  gate: 'anchor',
  source: gateOne,
  find(context) {
    const coefficient = context.number('klCoefficient');
    if (!context.isRl || coefficient === null || coefficient <= 0) return null;
    const limit = context.report?.options.thresholds.klNatsPerToken ?? 0.1;
    const kl = context.series('klReference');
    const klOver = kl !== null && kl.unit === 'nats per token' && kl.last > limit;
    const drifting = context.report?.summary.gates.anchor.standing === 'broken';
    if (!klOver && !drifting) return null;
    return {
      severity: 'warning',
      message: `A KL coefficient of ${formatSetting(coefficient)} is set, yet the measured ${drifting ? 'drift of the weights' : 'KL to the reference'} is over its threshold.`,
      evidence: together(driftOf(context.report), loggedKlOf(context)),
      nextStep:
        'Raise the coefficient or lower the learning rate; check that the reference is the base shown here.',
      entry: context.entry('klCoefficient'),
    };
  },
};

const measuredNotApplied: FindingRule = {
  id: 'kl-measured-not-applied',
  gate: 'anchor',
  source: 'slime example scripts: `--use-kl-loss --kl-loss-coef 0.00` logs the KL without applying it',
  find(context) {
    const kl = context.series('klReference');
    if (!context.isRl || context.number('klCoefficient') !== 0 || kl === null) return null;
    return {
      severity: 'info',
      message: `The KL to the reference is logged as ${kl.key}, but its coefficient is 0: it is measured, not applied.`,
      evidence: loggedKlOf(context),
      nextStep: 'Read the curve as a gauge only; give it a coefficient to make it an anchor.',
      entry: context.entry('klCoefficient'),
    };
  },
};

const unstated: FindingRule = {
  id: 'kl-default-depends-on-version',
  gate: 'anchor',
  source: 'TRL release notes 0.14 and 0.19: GRPOConfig.beta; verl 0.4: algorithm.use_kl_in_reward',
  find(context) {
    const entry = context.entry('klCoefficient');
    if (!context.isRl || entry?.origin !== 'unknown') return null;
    return {
      severity: 'info',
      message: `The KL coefficient is not settled by this file: ${entry.key}, ${entry.defaultNote ?? 'its default differs between versions'}.`,
      evidence: loggedKlOf(context),
      nextStep: `State ${entry.key} in the config, so that the run means the same under every version.`,
      entry,
    };
  },
};

const seriesAbsent: FindingRule = {
  id: 'kl-series-absent',
  gate: 'anchor',
  source: 'trl/trainer/grpo_trainer.py: `kl` is logged only when beta is not 0',
  find(context) {
    const trl = /TRL|axolotl/.test(context.config.framework);
    const online = /^(grpo|rloo|gdpo)$/i.test(context.text('algorithm') ?? '');
    const reward = context.series('reward');
    if (!trl || !online || reward === null || context.series('klReference') !== null) return null;
    const coefficient = context.number('klCoefficient');
    const contradicts = coefficient !== null && coefficient > 0;
    return {
      severity: contradicts ? 'warning' : 'info',
      message: contradicts
        ? `The config sets a KL coefficient of ${formatSetting(coefficient)}, but the log has no kl series, which TRL writes whenever there is an anchor.`
        : 'The log has no kl series: TRL writes one only with a KL anchor, so this run had none.',
      evidence: `measured: ${reward.count} logged rewards, no kl`,
      nextStep: contradicts
        ? 'The command line may have overridden the file: look for the training_args.bin of this run.'
        : 'Take the missing curve as the answer, not as a missing log.',
      entry: context.entry('klCoefficient'),
    };
  },
};

const asyncMismatch: FindingRule = {
  id: 'kl-is-sampler-mismatch',
  gate: 'anchor',
  source: 'trl/experimental/async_grpo: `kl` compares the trainer with the policy that sampled',
  find(context): Statement | null {
    const kl = context.series('klMismatch');
    if (kl?.key.replace(/^train\//, '') !== 'kl') return null;
    return {
      severity: 'info',
      message:
        'The logged kl is the distance between trainer and sampler, not to a reference: AsyncGRPO has no KL anchor.',
      evidence: `measured ${kl.key}: last ${formatNumber(kl.last)}, peak ${formatNumber(kl.peak)}`,
      nextStep: 'Do not read this curve as an anchor.',
      entry: context.entry('algorithm'),
    };
  },
};

const movingReference: FindingRule = {
  id: 'kl-reference-moves',
  gate: 'anchor',
  source: 'TRL TR-DPO callback (sync_ref_model); slime --ref-update-interval',
  find(context) {
    const entry = context.entry('referenceSync');
    const moves = entry?.value === true || (typeof entry?.value === 'number' && entry.value > 0);
    if (entry === null || !moves) return null;
    return {
      severity: 'info',
      message: `${entry.key} lets the reference policy follow the trained one, so a low KL may go with a large drift from the base.`,
      evidence: together(driftOf(context.report), loggedKlOf(context)),
      nextStep: 'Judge the anchor by the drift from the base, not by the logged KL.',
      entry,
    };
  },
};

const notFinite: FindingRule = {
  id: 'log-ends-not-finite',
  gate: 'anchor',
  source: 'the training log itself',
  find(context) {
    const wanted = ['klReference', 'loss', 'gradNorm'] as const;
    const ends = context.evidence.notFinite ?? [];
    const [worst] = wanted.flatMap((signal) => ends.find((one) => one.signal === signal) ?? []);
    if (worst === undefined) return null;
    const { key, value, step, file, everFinite } = worst;
    return {
      severity: 'warning',
      message: `The last logged ${key} is ${value}: the run was broken when these numbers were written, and its weights may be.`,
      evidence: `measured ${key} = ${value} at step ${step} of ${file}${everFinite ? '' : ', and at every step before it'}`,
      nextStep: 'Find the first step that is not a number, and take a checkpoint from before it.',
      entry: null,
    };
  },
};

export const anchorRules: readonly FindingRule[] = [
  notFinite,
  absent,
  notHolding,
  measuredNotApplied,
  unstated,
  seriesAbsent,
  asyncMismatch,
  movingReference,
];
