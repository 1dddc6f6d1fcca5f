// Gate III: can a step of this size land in the weights at all, and does it survive the dtype that they are served in.
import { formatCount, formatNumber, formatSetting, formatShare } from '../../../shared/text/format.ts';
import { matrixKinds } from '../../../shared/report/moduleKinds.ts';
import type { ModuleReport, Report } from '../../../shared/report/report.ts';
import type { FindingRule } from './rule.ts';

const gateThree = 'Zhu et al., arXiv 2511.08567, Gate III';
/** Shares beyond which a finding is worth a line, and beyond which it is a warning. */
const absorbedLimit = 0.5;
const hiddenLimit = 0.1;
const hiddenWarning = 0.5;

const noMaster: FindingRule = {
  id: 'bf16-without-master-weights',
  gate: 'precision',
  source:
    'accelerate accelerator.py, axolotl loaders, torchtune recipes (who keeps an fp32 copy), read from code',
  find(context) {
    const entry = context.entry('masterWeights');
    if (entry?.value !== 'none' || context.adapter) return null;
    const dtype = context.entry('weightDtype');
    const stated = dtype?.location ?? null;
    const rate = context.learningRate;
    const absorbed = context.report?.summary.precision.value?.absorbedShare ?? null;
    // ½·ULP_bf16(w) > lr from |w| ≥ 2^8·lr on, give or take the exponent's rounding.
    const reach =
      rate === null
        ? ''
        : ` (weights above about ${formatNumber(rate * 256)} at a learning rate of ${formatSetting(rate)})`;
    return {
      severity: 'warning',
      message: `Weights are kept in bf16 without an fp32 master copy, so single optimizer steps may be lost to rounding${reach}.`,
      evidence:
        absorbed === null
          ? null
          : `measured: ${formatShare(absorbed)} of the weights cannot move by one step`,
      nextStep:
        'Load the weights in fp32 with bf16 autocast, or train under DeepSpeed or mixed-precision FSDP, which keep an fp32 copy.',
      entry: stated === null ? entry : dtype,
    };
  },
};

const absorbed: FindingRule = {
  id: 'step-absorbed-by-bf16',
  gate: 'precision',
  source: gateThree,
  find(context) {
    const share = context.report?.summary.precision.value?.absorbedShare ?? null;
    const master = context.entry('masterWeights')?.value ?? null;
    if (share === null || share <= absorbedLimit || master === 'fp32' || context.adapter) return null;
    return {
      severity: master === 'none' ? 'warning' : 'info',
      message: `At this learning rate one optimizer step is below half a bf16 step for ${formatShare(share)} of the weights (measured), which cannot move where bf16 weights have no fp32 master copy.`,
      evidence: `measured absorbedShare ${formatShare(share)} at a peak learning rate of ${formatSetting(context.learningRate)}`,
      nextStep:
        master === 'none'
          ? 'Keep fp32 master weights, or expect only the small weights to change.'
          : 'Find out whether this run kept fp32 master weights: dtype and launcher decide it.',
      entry: context.entry('learningRate'),
    };
  },
};

const hidden: FindingRule = {
  id: 'update-hidden-by-bf16',
  gate: 'precision',
  source: gateThree,
  find(context) {
    const share = context.report?.summary.precision.value?.hiddenByBf16 ?? null;
    if (share === null || share <= hiddenLimit) return null;
    return {
      severity: share >= hiddenWarning ? 'warning' : 'info',
      message: `The checkpoint is stored wider than bf16, and ${formatShare(share)} of its changed weights (measured) fall back to the base's value when served in bf16.`,
      evidence: `measured hiddenByBf16 ${formatShare(share)}`,
      nextStep:
        'Evaluate the model in the dtype that it is served in; serve in fp32 or fp16 if the scores differ.',
      entry: context.entry('weightDtype') ?? context.entry('mixedPrecision'),
    };
  },
};

const stuck: FindingRule = {
  id: 'stuck-in-bf16',
  gate: 'precision',
  source: gateThree,
  find(context) {
    const { report } = context;
    const rate = context.learningRate;
    if (report === null || rate === null || context.adapter) return null;
    const still = report.modules.filter((module) => isStuck(report, module));
    const moved = report.modules.some(
      (module) => matrixKinds.includes(module.module) && changedOf(module) > 0,
    );
    if (still.length === 0 || !moved) return null;
    const elements = still.reduce((sum, module) => sum + module.elements, 0);
    const names = still.map(({ module }) => module).join(', ');
    const master = context.entry('masterWeights');
    return {
      severity: master?.value === 'none' ? 'warning' : 'info',
      message: `All ${formatCount(elements)} weights of ${names} are bitwise the base's while the matrices moved (measured): half a bf16 step of theirs, |w|·2⁻⁹ or more, exceeds the learning rate of ${formatSetting(rate)}, so what they were to learn may be stuck in bf16.`,
      evidence: still
        .map(
          ({ module, precision }) =>
            `measured for ${module}: 0 changed, absorbedShare ${formatShare(precision.value?.absorbedShare ?? null)}`,
        )
        .join('; '),
      nextStep:
        'If they were to be trained, keep them in fp32 (weights or master copy, and the saved file); if they were frozen, nothing is wrong.',
      entry: master ?? context.entry('learningRate'),
    };
  },
};

function changedOf({ precision }: ModuleReport): number {
  return precision.value?.counts.rawChanged ?? 0;
}

/** Stored in bf16, compared, not one weight changed, and most of them out of reach of one step. */
function isStuck({ tensors }: Report, module: ModuleReport): boolean {
  const { value } = module.precision;
  if (value === null || value.counts.compared === 0 || value.counts.rawChanged > 0) return false;
  const own = tensors.filter((tensor) => tensor.module === module.module);
  return (
    own.length > 0 &&
    own.every(({ dtypes, problem }) => dtypes[1] === 'BF16' && problem === null) &&
    (value.absorbedShare ?? 0) > absorbedLimit
  );
}

export const precisionRules: readonly FindingRule[] = [noMaster, absorbed, hidden, stuck];
