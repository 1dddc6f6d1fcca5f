// What config and logs say beside the numbers of the weights, in the words of every surface.
import { formatNumber, lowerFirst } from './format.ts';
import type { NamedOptimizer, Summary } from '../report/report.ts';

export const optimizerNote =
  'How many weights an update leaves unchanged depends on it: SGD instead of AdamW changes < 0.02 % of weights (arXiv 2602.07729).';

/** "adamw_torch (default of TRL)" */
export function optimizerText({ name, from }: NamedOptimizer): string {
  return `${name} (${from})`;
}

/** "0.62, where Adam's bound is 10.0 per step (β₁ 0.9, β₂ 0.999, default of adamw_torch in TRL)" */
export function stepText({ stepEnvelope, stepBound }: Pick<Summary, 'stepEnvelope' | 'stepBound'>): string {
  if (stepEnvelope === null) return formatNumber(null);
  const measured = formatNumber(stepEnvelope);
  if (stepBound.value === null) return `${measured}; ${lowerFirst(stepBound.reason).replace(/\.$/, '')}`;
  const { value, beta1, beta2, from } = stepBound.value;
  return `${measured}, where Adam's bound is ${formatNumber(value)} per step (β₁ ${beta1}, β₂ ${beta2}, ${from})`;
}

/** "0.0041 per sequence (the KL per token × 512 tokens of response_length/mean)" */
export function curvatureText(
  summary: Pick<Summary, 'meanCurvature' | 'meanCurvatureUnit' | 'meanCurvatureLength'>,
): string {
  const { meanCurvature, meanCurvatureUnit, meanCurvatureLength } = summary;
  if (meanCurvature === null || meanCurvatureUnit === null) return formatNumber(null);
  const how =
    meanCurvatureLength === null
      ? ''
      : ` (the KL per token × ${formatNumber(meanCurvatureLength.tokens)} tokens of ${meanCurvatureLength.key})`;
  return `${formatNumber(meanCurvature)} ${meanCurvatureUnit}${how}`;
}
