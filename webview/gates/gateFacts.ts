// The numbers of a gate that no vote rests on, below its readings.
import { formatDegrees, formatNumber, formatShare } from '../../src/shared/text/format.ts';
import type { GateName } from '../../src/shared/options.ts';
import type { PanelReport } from '../../src/shared/protocol/panelReport.ts';
import { curvatureText, optimizerNote, optimizerText, stepText } from '../../src/shared/text/trainingText.ts';
import { adapterSummary } from '../metrics/adapters.ts';
import { besideLines, formatTimes } from '../metrics/beside.ts';
import { metricOf } from '../metrics/catalog.ts';
import type { MetricId } from '../metrics/metric.ts';
import type { Fact } from '../view/factList.ts';
import { bandsOf, readingLines } from './readingLines.ts';

/** Of a report, what the cards show. */
export type CardReport = Pick<PanelReport, 'summary' | 'training' | 'tensors'>;

export function factsOf({ summary, training, tensors }: CardReport, gate: GateName): Fact[] {
  const facts: Fact[] = [];
  const metric = (id: MetricId): void => {
    const definition = metricOf(id);
    const value = definition.ofPool(summary);
    if (value === null) return;
    const { format } = definition;
    const expected = definition.expected?.ofPool(summary) ?? null;
    const lines = (): string[] =>
      readingLines({
        metric: definition,
        ...{ value, error: null, format, threshold: null, bands: bandsOf(id) },
        beside: besideLines(expected, null, format),
      });
    const note = expected === null ? {} : { note: `random ${format(expected.mean)}` };
    facts.push({ label: definition.label, text: format(value), ...note, lines });
  };
  if (gate === 'anchor') {
    metric('topPercentEnergy');
    if (summary.stepEnvelope !== null) {
      facts.push({
        label: 'Step envelope',
        text: formatNumber(summary.stepEnvelope),
        lines: () => [
          'Step envelope',
          `Largest |Δ| over the sum of learning rates: ${stepText(summary)}.`,
          'Well above the bound, the config shown is not the one that made these weights.',
        ],
      });
    }
    if (summary.meanCurvature !== null) {
      facts.push({
        label: 'Mean curvature',
        text: `${formatNumber(summary.meanCurvature)} ${summary.meanCurvatureUnit ?? ''}`.trim(),
        lines: () => [
          'Mean curvature',
          'Of the KL along the update, 2·KL/‖Δ‖² for the last logged KL:',
          `${curvatureText(summary)}.`,
          'Source: Zhu et al., arXiv 2511.08567, Gate I.',
        ],
      });
    }
  }
  if (gate === 'precision' && summary.optimizer !== null) {
    const { optimizer } = summary;
    facts.push({
      label: 'Optimizer',
      text: optimizer.name,
      lines: () => ['Optimizer', `${optimizerText(optimizer)}.`, optimizerNote],
    });
  }
  if (gate === 'geometry') {
    const { value } = summary.geometry;
    if (value !== null) {
      if (value.spectralEnergyRatio !== null) {
        facts.push({
          label: 'Energy on the spectrum',
          text: formatTimes(value.spectralEnergyRatio),
          lines: () => [
            'Energy on the spectrum',
            'Σ(uᵢᵀΔvᵢ)² over the k leading directions, as a multiple of an isotropic update: ×1 has no preference, and the size of the step drops out.',
            'After arXiv 2607.19331.',
          ],
        });
      }
      facts.push({
        label: 'Largest angle',
        text: formatDegrees(value.rotationMaxDeg),
        lines: () => ['Largest angle', `The largest principal angle of ${value.matrices} matrices.`],
      });
    }
  }
  if (gate === 'precision') {
    metric('oneStepShare');
    metric('hiddenByBf16');
    metric('absorbedShare');
    metric('unchangedAbs1e5');
    const adapter = adapterSummary(tensors);
    if (adapter !== null) {
      const { label, text, lines } = adapter.absorbed;
      facts.push({ label, text, lines: () => lines });
    }
    if (training.learningRatePeak === null) {
      facts.push({
        label: 'Absorbed steps',
        text: 'not measured',
        lines: () => [
          'Absorbed steps',
          'Needs the peak learning rate: choose the training config of this run.',
        ],
      });
    }
    const nonFinite = summary.precision.value?.counts.nonFinite ?? 0;
    if (nonFinite > 0) {
      facts.push({
        label: 'NaN or infinite',
        text: `${nonFinite.toLocaleString('en')} (${formatShare(nonFinite / summary.elements)})`,
        lines: () => ['NaN or infinite', 'Elements where a side is not a number; left out of every metric.'],
      });
    }
  }
  return facts;
}
