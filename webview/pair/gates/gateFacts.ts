// The numbers of a gate that no vote rests on, below its readings.
import { formatDegrees, formatNumber, formatShare, formatWhole } from '../../../src/shared/text/format.ts';
import type { GateName } from '../../../src/shared/options/options.ts';
import type { PanelReport } from '../../../src/shared/protocol/panelReport.ts';
import {
  curvatureText,
  optimizerNote,
  optimizerText,
  stepText,
} from '../../../src/shared/text/trainingText.ts';
import { adapterSummary } from '../metrics/adapters.ts';
import { besideLines, formatTimes } from '../metrics/beside.ts';
import { metricOf } from '../metrics/catalog.ts';
import type { MetricId } from '../metrics/metric.ts';
import { syncFacts } from '../metrics/syncFacts.ts';
import type { Fact } from '../../parts/dom/factList.ts';
import { bandsOf, readingLines } from './readingLines.ts';

/** Of a report, what the cards show. */
export type CardReport = Pick<PanelReport, 'summary' | 'training' | 'tensors' | 'preliminary'>;

/** Those of one gate that are known. */
export function factsOf(report: CardReport, gate: GateName): Fact[] {
  return { anchor: anchorFacts, geometry: geometryFacts, precision: precisionFacts }[gate](report);
}

function anchorFacts({ summary }: CardReport): Fact[] {
  const { stepEnvelope, meanCurvature, meanCurvatureUnit } = summary;
  return [
    ...metricFact(summary, 'topPercentEnergy'),
    ...(stepEnvelope === null
      ? []
      : [
          fact('Step envelope', formatNumber(stepEnvelope), () => [
            `Largest |Δ| over the sum of learning rates: ${stepText(summary)}.`,
            'Well above the bound, the config shown is not the one that made these weights.',
          ]),
        ]),
    ...(meanCurvature === null
      ? []
      : [
          fact('Mean curvature', `${formatNumber(meanCurvature)} ${meanCurvatureUnit ?? ''}`.trim(), () => [
            'Of the KL along the update, 2·KL/‖Δ‖² for the last logged KL:',
            `${curvatureText(summary)}.`,
            'Source: Zhu et al., arXiv 2511.08567, Gate I.',
          ]),
        ]),
  ];
}

function geometryFacts({ summary }: CardReport): Fact[] {
  const { value } = summary.geometry;
  if (value === null) return [];
  return [
    ...(value.spectralEnergyRatio === null
      ? []
      : [
          fact('Energy on the spectrum', formatTimes(value.spectralEnergyRatio), () => [
            'Σ(uᵢᵀΔvᵢ)² over the k leading directions, as a multiple of an isotropic update: ×1 has no preference, and the size of the step drops out.',
            'After arXiv 2607.19331.',
          ]),
        ]),
    fact('Largest angle', formatDegrees(value.rotationMaxDeg), () => [
      `The largest principal angle of ${value.matrices} matrices.`,
    ]),
  ];
}

const precisionMetrics = ['oneStepShare', 'hiddenByBf16', 'absorbedShare', 'unchangedAbs1e5'] as const;

function precisionFacts({ summary, training, tensors }: CardReport): Fact[] {
  const { optimizer } = summary;
  const adapter = adapterSummary(tensors)?.absorbed ?? null;
  const isAbsorbedKnown = metricOf('absorbedShare').ofPool(summary) !== null;
  return [
    ...(optimizer === null
      ? []
      : [fact('Optimizer', optimizer.name, () => [`${optimizerText(optimizer)}.`, optimizerNote])]),
    ...precisionMetrics.flatMap((id) => metricFact(summary, id)),
    ...(adapter === null ? [] : [{ label: adapter.label, text: adapter.text, lines: () => adapter.lines }]),
    ...(training.learningRatePeak === null && !isAbsorbedKnown
      ? [
          fact('Absorbed steps', 'not measured', () => [
            'Needs the peak learning rate: choose the training config of this run.',
          ]),
        ]
      : []),
    ...syncFacts(summary.sync),
    ...nonFiniteFact(summary),
  ];
}

function nonFiniteFact({ precision, elements }: CardReport['summary']): Fact[] {
  const count = precision.value?.counts.nonFinite ?? 0;
  if (count === 0) return [];
  const text = `${formatWhole(count)} (${formatShare(count / elements)})`;
  return [
    fact('NaN or infinite', text, () => ['Elements where a side is not a number; left out of every metric.']),
  ];
}

/** Its hover is headed by its label. */
function fact(label: string, text: string, lines: () => string[]): Fact {
  return { label, text, lines: () => [label, ...lines()] };
}

/** Empty where it was not measured. */
function metricFact(summary: CardReport['summary'], id: MetricId): Fact[] {
  const definition = metricOf(id);
  const value = definition.ofPool(summary);
  if (value === null) return [];
  const { format, label } = definition;
  const expected = definition.expected?.ofPool(summary) ?? null;
  const lines = (): string[] =>
    readingLines({
      metric: definition,
      ...{ value, error: null, format, threshold: null, bands: bandsOf(id) },
      beside: besideLines(expected, null, format),
    });
  const note = expected === null ? {} : { note: `random ${format(expected.mean)}` };
  return [{ label, text: format(value), ...note, lines }];
}
