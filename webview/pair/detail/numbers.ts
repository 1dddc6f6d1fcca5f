// Every number of what was selected, with its definition for a hover and its null beside it.
import { formatDegrees, formatNumber } from '../../../src/shared/text/format.ts';
import { belowResolution, formatResolved, isBelowResolution } from '../../../src/shared/report/resolution.ts';
import type { PanelGeometry } from '../../../src/shared/protocol/panelReport.ts';
import type { Fact } from '../../parts/dom/factList.ts';
import { bandsOf, readingLines } from '../gates/readingLines.ts';
import { adapterFacts } from '../metrics/adapters.ts';
import { besideLines, beyondGlyphs } from '../metrics/beside.ts';
import { metricDefinitions } from '../metrics/catalog.ts';
import { exactLine } from '../metrics/exactLine.ts';
import type { MetricDefinition } from '../metrics/metric.ts';
import { syncFacts } from '../metrics/syncFacts.ts';
import type { Subject } from '../state/subject.ts';

export function numberParts(subject: Subject): Fact[] {
  const { tensor } = subject;
  const adapter = tensor?.adapter === undefined ? [] : adapterFacts(tensor.adapter);
  const geometry = tensor?.geometry.value ?? null;
  return [
    ...metricDefinitions.map((metric) => metricFact(subject, metric)),
    ...adapter.map(({ label, text, lines }) => number(label, text, lines)),
    ...(geometry === null ? [] : geometryFacts(geometry)),
    ...syncFacts(tensor?.sync),
  ];
}

function metricFact(subject: Subject, metric: MetricDefinition): Fact {
  const value = subject.value(metric);
  const error = subject.error(metric);
  const expected = subject.expected(metric);
  const reading = subject.beyond(metric);
  const { format, label } = metric;
  const lines = (): string[] =>
    readingLines({
      ...{ metric, value, error, format, threshold: null, bands: bandsOf(metric.id) },
      beside: besideLines(expected, reading, format),
    });
  const text = formatResolved(value, error, format);
  if (value === null || expected === null) return { label, text, lines };
  const glyph = beyondGlyphs[reading?.word ?? 'unknown'];
  const note = `random ${format(expected.mean)}${glyph === '' ? '' : ` ${glyph}`}`;
  return { label, text, note, muted: reading?.word === 'as random', lines };
}

function geometryFacts(geometry: PanelGeometry): Fact[] {
  const { rotationErrorDeg, wedinBound, deltaStableRank, residual, rank, passes } = geometry;
  const angle = Math.max(geometry.rotationLeftMaxDeg, geometry.rotationRightMaxDeg);
  const angleText = isBelowResolution(angle, rotationErrorDeg)
    ? belowResolution
    : `${formatDegrees(angle)} ± ${formatDegrees(rotationErrorDeg)}`;
  return [
    number('Largest angle', angleText, [
      'Largest principal angle',
      exactLine(angle, rotationErrorDeg),
      'The bound on its error comes from the residuals and the gap.',
    ]),
    number('Wedin bound', formatNumber(wedinBound), [
      'Wedin bound',
      'min(1, ‖Δ‖₂/gap): bounds the sine of the largest angle.',
    ]),
    number('Rank of the update', formatNumber(deltaStableRank), [
      'Stable rank of the update',
      '‖Δ‖²_F/‖Δ‖²₂: about how many directions carry the update.',
    ]),
    number('Residual', formatNumber(residual), [
      'Residual',
      `Largest residual of the ${rank} singular triplets over σ₁, after ${passes} passes: the error bound that travels with these numbers.`,
    ]),
  ];
}

function number(label: string, text: string, lines: readonly string[]): Fact {
  return { label, text, lines: () => lines };
}
