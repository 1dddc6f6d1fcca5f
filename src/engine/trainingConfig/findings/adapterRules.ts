// Gate II: how an adapter is initialised, where it sits, and how far its steps reach.
import { formatLift, formatSetting } from '../../../shared/text/format.ts';
import type { ConfigEntry, Finding } from '../../../shared/report/training.ts';
import { beyondReading } from './measuredWords.ts';
import type { FindingContext, FindingRule } from './rule.ts';

const peftRuns =
  'PEFT PR 3078 (GRPO on GSM8K, one seed, unmerged): PiSSA and OLoRA collapse at 4e-5 with beta 0.001, hold at 1e-5 with beta 0';
const principalInit = /^(pissa(_niter_\d+)?|olora|corda)$/i;
const rewritesBase = /^(pissa(_niter_\d+)?|olora|corda|loftq)$/i;
const attention =
  /(^|[._])(q_proj|k_proj|v_proj|o_proj|out_proj|qkv_proj|c_attn|query_key_value|output_proj|attn\w*)$/i;
/** Where the cited runs with a principal-aligned start still held. */
const gentleRate = 1e-5;
const highRate = 1e-4;
/** rsLoRA's scale grows with √r; the cited rsLoRA run at this rate lost half its score. */
const highRateRankStabilised = 4e-5;

function initOf(context: FindingContext): { entry: ConfigEntry; name: string } | null {
  const entry = context.entry('peftInit');
  return entry !== null && typeof entry.value === 'string' ? { entry, name: entry.value } : null;
}

const principal: FindingRule = {
  id: 'principal-init-under-rlvr',
  gate: 'geometry',
  source: peftRuns,
  find(context) {
    const init = initOf(context);
    if (init === null || !principalInit.test(init.name)) return null;
    const { kind } = context.config;
    if (kind !== 'rl' && kind !== 'unknown') return null;
    const rate = context.learningRate;
    const gentle = rate !== null && rate <= gentleRate && (context.number('klCoefficient') ?? 0) === 0;
    const lift = beyondReading(context.report, 'principalLift');
    const telling = lift !== null && (lift.word === 'less' || lift.word === 'more');
    return {
      severity: kind === 'rl' && !gentle ? 'warning' : 'info',
      message: `${init.name} starts the adapter in the principal directions of the weights, which RLVR leaves alone: such runs may be fragile at LoRA-scale learning rates.`,
      evidence:
        // As any update of this size, or not held against one: no evidence.
        telling
          ? `measured principal lift ${formatLift(lift.value)}, where a random update of this size has ${formatLift(lift.expected)}`
          : null,
      nextStep: `Use the default initialisation, or keep the learning rate at or below ${formatSetting(gentleRate)} and evaluate early.`,
      entry: init.entry,
      fix: defaultInitFix(init.entry),
    };
  },
};

/**
 * Back to the default initialisation, in a recipe. Never in JSON: an adapter_config.json or a results file describes an
 * adapter that exists, and there the key tells the loader how the base was rewritten.
 */
function defaultInitFix(entry: ConfigEntry): Finding['fix'] {
  const { valueLocation } = entry;
  if (entry.origin !== 'stated' || valueLocation === null || /\.json$/i.test(valueLocation.file)) return null;
  const newValue = entry.key === 'pissa_init' ? 'false' : 'true';
  return {
    title: `Set ${entry.key} to ${newValue} (default LoRA initialisation)`,
    newValue,
    location: valueLocation,
  };
}

const residualAnchor: FindingRule = {
  id: 'kl-anchor-on-residual-base',
  gate: 'anchor',
  source: 'PEFT tuners/lora/layer.py and TRL grpo_trainer.py (reference = adapters disabled), read from code',
  find(context) {
    const init = initOf(context);
    const coefficient = context.number('klCoefficient');
    if (
      !context.isRl ||
      init === null ||
      !rewritesBase.test(init.name) ||
      coefficient === null ||
      coefficient <= 0
    ) {
      return null;
    }
    return {
      severity: 'warning',
      message: `${init.name} rewrites the base weights at the start, so a reference with the adapter switched off is the residual base, and the KL anchor may pull towards that damaged model.`,
      evidence: null,
      nextStep:
        'Give the trainer a separate reference model, set the KL coefficient to 0, or use the default initialisation.',
      entry: context.entry('klCoefficient') ?? init.entry,
    };
  },
};

const converted: FindingRule = {
  id: 'pissa-may-be-converted',
  gate: 'geometry',
  source:
    'PEFT save_mutated_as_lora and the published PiSSA repositories: both carry init_lora_weights: true',
  find(context) {
    const entry = context.entry('peftInit');
    if (entry?.value !== true || !context.adapter) return null;
    const hints = [context.text('baseModel') ?? '', ...context.config.files];
    const hint = hints.find((text) => /pissa|olora|corda/i.test(text));
    if (hint === undefined) return null;
    return {
      severity: 'info',
      message:
        'init_lora_weights is true, but a name beside it speaks of a principal-aligned initialisation, and converted adapters keep true: the flag alone may not tell.',
      evidence: `named in ${hint}`,
      nextStep:
        'Look for a pissa_init folder, or for an even rank whose second half repeats the start factors.',
      entry,
    };
  },
};

const attentionOnly: FindingRule = {
  id: 'lora-attention-only',
  gate: 'geometry',
  source: 'Schulman et al., "LoRA Without Regret", 2025: attention-only LoRA trails LoRA on the MLPs',
  find(context) {
    const entry = context.entry('peftTargets');
    if (!context.adapter || entry === null || !Array.isArray(entry.value) || entry.value.length === 0)
      return null;
    if (!entry.value.every((name) => attention.test(name))) return null;
    return {
      severity: 'info',
      message:
        'The adapter sits on attention matrices only, so the MLP matrices cannot change, and the run may learn less than with all linear layers.',
      evidence: null,
      nextStep:
        'Add gate_proj, up_proj and down_proj, or expect the per-module table to show unchanged MLPs.',
      entry,
    };
  },
};

const lowRank: FindingRule = {
  id: 'lora-rank-very-low',
  gate: 'geometry',
  source: 'Mukherjee et al., arXiv 2505.11711: full RL updates are sparse but nearly full rank',
  find(context) {
    const rank = context.number('peftRank');
    if (!context.adapter || rank === null || rank <= 0 || rank > 2) return null;
    return {
      severity: 'info',
      message: `A rank of ${rank} confines the update of each matrix to ${rank === 1 ? 'one direction' : 'two directions'}, so its geometry may not compare with that of full fine-tuning.`,
      evidence: null,
      nextStep: 'Read rotation and stable rank against other adapters of this rank only.',
      entry: context.entry('peftRank'),
    };
  },
};

const highRateRule: FindingRule = {
  id: 'lora-learning-rate-high',
  gate: 'anchor',
  source:
    'PEFT PR 3078 (GRPO on GSM8K, one seed, unmerged): rsLoRA r32 falls to 0.41 pass@1 at 4e-5 where LoRA r32 reaches 0.93',
  find(context) {
    const rate = context.learningRate;
    if (!context.isRl || !context.adapter || rate === null) return null;
    const stabilised = context.text('peftVariant') === 'rsLoRA';
    const limit = stabilised ? highRateRankStabilised : highRate;
    if (rate < limit) return null;
    return {
      severity: 'warning',
      message: `A learning rate of ${formatSetting(rate)} is high for ${stabilised ? 'rank-stabilised ' : ''}LoRA under RLVR and may break the run.`,
      evidence:
        context.report === null
          ? null
          : `measured anchor verdict: ${context.report.summary.gates.anchor.verdict}`,
      nextStep: 'Watch reward and KL early; try a third of it.',
      entry: context.entry('learningRate'),
    };
  },
};

export const adapterRules: readonly FindingRule[] = [
  principal,
  residualAnchor,
  converted,
  attentionOnly,
  lowRank,
  highRateRule,
];
