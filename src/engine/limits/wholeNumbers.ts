// The numbers that only the whole model has: coverage, the logged KL, what follows from both, and the published statistics.
import { publishedScales, type PublishedScaleId } from '../../shared/report/published.ts';
import { publishedValue } from '../../shared/report/publishedStatistics.ts';
import type { Report } from '../../shared/report/report.ts';
import { metricTitle } from '../../shared/text/metrics.ts';
import type { MetricReading, NumberEntry, NumberKind, Subject } from './metricEntry.ts';
import { valueOr } from './metricRows.ts';

function whole(
  name: string,
  kind: NumberKind,
  title: string,
  pick: (report: Report) => MetricReading<number>,
): NumberEntry {
  const read = ({ report }: Subject): MetricReading<number> =>
    report === null ? { value: null, reason: 'only the whole model has it' } : pick(report);
  return { name, title, kind, scopes: ['whole'], gate: null, read };
}

function count(name: 'elements' | 'tensors', title: string): NumberEntry {
  const read = (subject: Subject): MetricReading<number> => valueOr(subject[name], 'it is a tensor itself');
  const scopes = ['whole', 'layer', 'module', ...(name === 'elements' ? ['tensor' as const] : [])] as const;
  return { name, title, kind: 'count', scopes, gate: null, read };
}

function kl(part: 'last' | 'mean' | 'peak', title: string): NumberEntry {
  const pick = ({ summary }: Report): MetricReading<number> =>
    summary.kl.value === null ? summary.kl : valueOr(summary.kl.value[part], 'it is not in the log');
  return whole(`kl.${part}`, 'number', title, pick);
}

const scales = Object.keys(publishedScales) as readonly PublishedScaleId[];

function published(scale: PublishedScaleId): NumberEntry {
  const { title } = publishedScales[scale];
  const kind = scale.endsWith('Deg') ? 'degrees' : scale === 'meanSpectralDriftFull' ? 'ratio' : 'share';
  return whole(`published.${scale}`, kind, `As published: ${title}`, (report) =>
    valueOr(
      report.published && publishedValue(report.published, scale),
      'it was not computed; --profile published computes it',
    ),
  );
}

export const wholeNumbers: readonly NumberEntry[] = [
  whole('coverage', 'share', 'Share of the parameters that was compared', ({ coverage }) =>
    valueOr(coverage.share, 'nothing was compared'),
  ),
  whole('notCompared', 'count', 'Tensors that were not compared', ({ coverage }) =>
    valueOr(coverage.notCompared.length, 'nothing was compared'),
  ),
  count('elements', 'Parameters'),
  count('tensors', 'Tensors'),
  kl('last', metricTitle('kl')),
  kl('mean', 'Mean of the logged KL'),
  kl('peak', 'Largest logged KL'),
  whole('meanCurvature', 'number', 'Mean curvature of the KL along the update', ({ summary }) =>
    valueOr(summary.meanCurvature, 'it needs a logged KL above zero'),
  ),
  whole('stepEnvelope', 'ratio', 'Largest |Δ| over the sum of learning rates', ({ summary }) =>
    valueOr(summary.stepEnvelope, 'learning rate and number of steps are not known'),
  ),
  whole('stepBound', 'ratio', 'Adam’s own bound on the step, in learning rates', ({ summary }) =>
    summary.stepBound.value === null
      ? summary.stepBound
      : valueOr(summary.stepBound.value.value, 'it is not known'),
  ),
  ...scales.map(published),
];
