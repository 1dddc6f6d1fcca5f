// The numbers of Gates I and III that limits may name: every field of the report's pools and tensors but lists.
import type { AnchorMetrics, PrecisionMetrics, UlpHistogram } from '../../shared/report/metrics.ts';
import { metricTitle } from '../../shared/text/metrics.ts';
import {
  allScopes,
  type MetricReading,
  type NumberEntry,
  type NumberKind,
  type Subject,
} from './metricEntry.ts';
import { always, noNull, valueOr, type Row } from './metricRows.ts';

const anchorRows: readonly Row<keyof AnchorMetrics>[] = [
  ['relativeDrift', 'ratio', null, 'the base is zero'],
  ['deltaFrobenius', 'number', '‖Δ‖, the Frobenius norm of the update', always],
  ['baseFrobenius', 'number', '‖W‖, the Frobenius norm of the base', always],
  ['maxAbsDelta', 'number', 'Largest |Δ| of any element', always],
  ['rmsDelta', 'number', 'Root mean square of Δ', always],
  ['topPercentEnergy', 'share', null, 'nothing changed'],
];

type PrecisionNumber = Exclude<keyof PrecisionMetrics, 'ulpHistogram' | 'ulpHistogramExpected' | 'counts'>;

const precisionRows: readonly Row<PrecisionNumber>[] = [
  ['sparsityBf16', 'share', null, always],
  ['sparsityBf16Expected', 'share', 'Unchanged in bf16 if the update were random', noNull],
  ['rawChanged', 'share', 'Share that differs as stored', always],
  ['hiddenByBf16', 'share', null, 'nothing differs as stored'],
  ['unchangedAbs1e5', 'share', null, always],
  ['absorbedShare', 'share', null, 'no learning rate is known'],
];

const countRows: readonly Row<keyof PrecisionMetrics['counts']>[] = [
  ['compared', 'count', 'Elements compared: both sides finite', always],
  ['nonFinite', 'count', 'Elements that are NaN or infinite on a side', always],
  ['changedBf16', 'count', 'Elements changed in the bf16 view', always],
  ['rawChanged', 'count', 'Elements that differ as stored', always],
  ['hidden', 'count', 'Elements that differ as stored but not in bf16', always],
  ['unchangedAbs1e5', 'count', 'Elements with |ŵ − w| ≤ 1e-5', always],
  ['absorbed', 'count', 'Elements that one step cannot move in bf16', 'no learning rate is known'],
];

const binTitles: Readonly<Record<keyof UlpHistogram, string>> = {
  one: 'one bf16 step',
  two: 'two bf16 steps',
  threeToFour: 'three or four bf16 steps',
  fiveToEight: 'five to eight bf16 steps',
  nineToSixteen: 'nine to sixteen bf16 steps',
  overSixteen: 'more than sixteen bf16 steps',
  signFlips: 'a change of sign',
};
const bins = Object.keys(binTitles) as readonly (keyof UlpHistogram)[];

function anchorEntry([field, kind, title, whenNull]: Row<keyof AnchorMetrics>): NumberEntry {
  const read = ({ anchor }: Subject): MetricReading<number> =>
    anchor.value === null ? anchor : valueOr(anchor.value[field], whenNull);
  return { name: field, title: title ?? metricTitle(field), kind, scopes: allScopes, gate: 'anchor', read };
}

function precisionEntry(
  name: string,
  kind: NumberKind,
  title: string,
  pick: (precision: PrecisionMetrics) => MetricReading<number>,
): NumberEntry {
  const read = ({ precision }: Subject): MetricReading<number> =>
    precision.value === null ? precision : pick(precision.value);
  return { name, title, kind, scopes: allScopes, gate: 'precision', read };
}

export const gateNumbers: readonly NumberEntry[] = [
  ...anchorRows.map(anchorEntry),
  ...precisionRows.map(([field, kind, title, whenNull]) =>
    precisionEntry(field, kind, title ?? metricTitle(field), (value) => valueOr(value[field], whenNull)),
  ),
  ...countRows.map(([field, kind, title, whenNull]) =>
    precisionEntry(`counts.${field}`, kind, title ?? field, ({ counts }) => valueOr(counts[field], whenNull)),
  ),
  ...bins.map((bin) =>
    precisionEntry(`ulpHistogram.${bin}`, 'count', `Elements moved by ${binTitles[bin]}`, (value) =>
      valueOr(value.ulpHistogram[bin], always),
    ),
  ),
  ...bins.map((bin) =>
    precisionEntry(`ulpHistogramExpected.${bin}`, 'count', `The same if the update were random`, (value) =>
      valueOr(value.ulpHistogramExpected?.[bin], noNull),
    ),
  ),
];
