// Do the config shown and the weights measured belong together.
import { formatNumber, formatSetting } from '../../../shared/text/format.ts';
import { beyondSizeOf, driftOf, nothingBeyondSize, together } from './measuredWords.ts';
import type { FindingRule } from './rule.ts';
import { sameModel } from './sameModel.ts';

const definitions = 'metric definitions of Three-Gate (docs/reading-a-verdict.md)';
/** Weight decay may carry a step a little beyond Adam's own bound. */
const envelopeSlack = 1.2;

const envelope: FindingRule = {
  id: 'step-envelope-exceeded',
  gate: 'anchor',
  source: `${definitions}; Kingma & Ba, arXiv 1412.6980, § 2.1`,
  find(context) {
    const { stepEnvelope: ratio = null, stepBound } = context.report?.summary ?? {};
    const bound = stepBound?.value ?? null;
    if (ratio === null || bound === null || ratio <= bound.value * envelopeSlack || context.adapter)
      return null;
    return {
      severity: 'warning',
      message: `The largest change of a weight is ${formatNumber(ratio)} times the sum of this config's learning rates (measured), and no step of Adam reaches beyond ${formatNumber(bound.value)} times its own: it may not be the config that made these weights.`,
      evidence: `measured maxAbsDelta / Σ lr = ${formatNumber(ratio)}; √((1−β₁)/(1−β₂)) = ${formatNumber(bound.value)} with β₁ ${bound.beta1}, β₂ ${bound.beta2} (${bound.from})`,
      nextStep:
        'Check that config, log and checkpoint are of the same run, and that the base is its real starting point.',
      entry: context.entry('learningRate'),
    };
  },
};

const sftLike: FindingRule = {
  id: 'sft-range-weights-under-rl-config',
  gate: null,
  source: 'Zhu et al., arXiv 2511.08567, Table 1 (SFT against RLVR sparsity)',
  find(context) {
    const { report } = context;
    if (!context.isRl || report?.summary.regime.name !== 'sft-range') return null;
    // What any update of this size would show says nothing; the size itself does.
    const drifts = report.summary.gates.anchor.standing === 'broken';
    if (!drifts && nothingBeyondSize(report)) return null;
    return {
      severity: 'warning',
      message:
        'The config describes an RL run, but the measured footprint lies in the range of published supervised runs.',
      evidence: nothingBeyondSize(report) ? driftOf(report) : together(driftOf(report), beyondSizeOf(report)),
      nextStep:
        'Compare with the SFT checkpoint that RL started from; if it is already the base, look at learning rate and KL.',
      entry: context.entry('baseModel') ?? context.entry('algorithm'),
    };
  },
};

const rlLike: FindingRule = {
  id: 'rlvr-range-weights-under-sft-config',
  gate: null,
  source: 'Zhu et al., arXiv 2511.08567, Table 1 (SFT against RLVR sparsity)',
  find(context) {
    const { report } = context;
    if (context.config.kind !== 'sft' || report?.summary.regime.name !== 'rlvr-range') return null;
    if (nothingBeyondSize(report)) return null;
    return {
      severity: 'info',
      message:
        'The config describes supervised fine-tuning, but the measured footprint lies in the range of published RLVR runs, as that of few or small supervised steps does.',
      evidence: together(driftOf(report), beyondSizeOf(report)),
      nextStep: 'Check that the config found beside the checkpoint is the one that trained it.',
      entry: context.entry('learningRate'),
    };
  },
};

const unchanged: FindingRule = {
  id: 'weights-unchanged',
  gate: null,
  source: definitions,
  find(context) {
    if (context.report?.summary.regime.name !== 'unchanged') return null;
    // The settings of an adapter belong to its weights, whether or not there is a config of its training.
    const config = context.config.files.find((file) => !file.endsWith('adapter_config.json'));
    const although = config === undefined ? '' : `, although there is a training config, ${config}`;
    return {
      severity: 'warning',
      message: `Every compared weight is bitwise equal to the base (measured)${although}.`,
      evidence: 'measured: 0 changed elements',
      nextStep:
        'The file may be the base itself, an unmerged adapter run, or an update lost when it was cast to bf16.',
      entry: context.entry('learningRate'),
    };
  },
};

const baseDiffers: FindingRule = {
  id: 'base-differs-from-config',
  gate: null,
  source: 'the config itself',
  find(context) {
    const entry = context.entry('baseModel');
    const base = context.basePath;
    if (entry === null || typeof entry.value !== 'string' || base === null) return null;
    if (sameModel(entry.value, base)) return null;
    return {
      severity: 'warning',
      message: `The config starts from ${entry.value}, but the base compared with has another name, so the measured change may include more than this run.`,
      evidence: `compared with ${base}`,
      nextStep: 'Choose the base that the config names, or make sure that both are the same weights.',
      entry,
    };
  },
};

const dtypeDiffers: FindingRule = {
  id: 'dtype-differs-from-config',
  gate: 'precision',
  source: 'verl model_merger and transformers save_pretrained (the saved dtype can hide the training dtype)',
  find(context) {
    const entry = context.entry('weightDtype');
    const stored = mainDtype(context.report?.pair.tuned.dtypes ?? {});
    if (entry === null || typeof entry.value !== 'string' || stored === null || context.adapter) return null;
    const configured = dtypeNames.find(([pattern]) => pattern.test(String(entry.value)))?.[1];
    if (configured === undefined || configured === stored) return null;
    return {
      severity: 'info',
      message: `The config keeps the weights in ${configured}, but the checkpoint stores ${stored}${stored === 'BF16' ? ', so fp32 updates below a bf16 step are not in the file' : ''}.`,
      evidence: `measured: mostly ${stored}`,
      nextStep: 'Read zero differences with this in mind; compare an fp32 save where there is one.',
      entry,
    };
  },
};

const rateDiffers: FindingRule = {
  id: 'learning-rate-differs-from-log',
  gate: null,
  source: 'transformers: the command line overrides a recipe file',
  find(context) {
    const entry = context.entry('learningRate');
    const logged = context.series('learningRate');
    if (entry?.origin !== 'stated' || typeof entry.value !== 'number' || logged === null) return null;
    if (logged.peak <= entry.value * 1.01) return null;
    return {
      severity: 'warning',
      message: `The log shows a learning rate above the ${formatSetting(entry.value)} stated here, so this file may not be what the run used.`,
      evidence: `measured peak of ${logged.key}: ${formatNumber(logged.peak)}`,
      nextStep: 'The command line may have overridden the file: look for the training_args.bin of this run.',
      entry,
    };
  },
};

const dtypeNames: readonly (readonly [RegExp, string])[] = [
  [/bfloat16|bf16/i, 'BF16'],
  [/float16|fp16/i, 'F16'],
  [/float32|fp32/i, 'F32'],
];

function mainDtype(dtypes: Readonly<Record<string, number>>): string | null {
  let best: [string, number] | null = null;
  for (const [name, count] of Object.entries(dtypes))
    if (best === null || count > best[1]) best = [name, count];
  return best?.[0] ?? null;
}

export const agreementRules: readonly FindingRule[] = [
  envelope,
  sftLike,
  rlLike,
  unchanged,
  baseDiffers,
  dtypeDiffers,
  rateDiffers,
];
