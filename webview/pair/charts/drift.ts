// How far the spectrum moved, beside a random update of the same size and the bound that the size alone puts on it (Mirsky).
import { formatNumber } from '../../../src/shared/text/format.ts';
import { formatResolved } from '../../../src/shared/report/resolution.ts';
import { metricOf } from '../metrics/catalog.ts';
import type { Subject } from '../state/subject.ts';
import {
  absent,
  logEnds,
  nearFloor,
  type ChartColor,
  type ChartSeries,
  type ChartSlot,
} from '../../parts/charts/model.ts';

const leadingLabel = 'k leading';
const randomLabel = 'random update';

export function driftChart(subject: Subject): ChartSlot {
  const title = 'Spectral drift and its bound';
  const geometry = subject.tensor?.geometry.value ?? null;
  const leading = subject.value(metricOf('spectralDriftTopK'));
  const bound = geometry?.spectralDriftBound ?? subject.value(metricOf('relativeDrift'));
  if (leading === null) return absent('drift', title, subject.geometryReason ?? 'Not measured.');
  const full = geometry?.spectralDriftFull ?? null;
  const random = subject.expected(metricOf('spectralDriftTopK'))?.mean ?? null;
  const error = geometry?.spectralDriftTopKError ?? null;
  const rows: [string, number | null][] = [
    [leadingLabel, leading],
    ...(random === null ? [] : [[randomLabel, random] as [string, number]]),
    ...(full === null ? [] : [['all', full] as [string, number]]),
    ['bound ‖Δ‖/‖W‖', bound],
  ];
  const values = rows.flatMap(([, value]) => (value !== null && value > 0 ? [value] : []));
  const isNear = error !== null && nearFloor(error, values);
  const drawn = isNear ? [...values, error] : values;
  const ends = logEnds(drawn);
  const text = (label: string, value: number | null): string =>
    label === leadingLabel ? formatResolved(value, error, formatNumber) : formatNumber(value);
  return {
    model: {
      id: 'drift',
      short: true,
      title,
      definition:
        'Relative change of the singular values, beside a random update of this size; it can never exceed ‖Δ‖/‖W‖.',
      description: `${rows.map(([label, value]) => `${label} ${text(label, value)}`).join(', ')}.`,
      // A bar on a logarithmic axis needs a foot below its smallest value.
      x: { label: 'relative change', kind: 'log', unit: 'number', min: ends.min / 10, max: ends.max },
      y: {
        label: '',
        kind: 'category',
        unit: 'index',
        categories: rows.map(([label, value]) => `${label}  ${text(label, value)}`),
      },
      horizontal: true,
      series: seriesOf(rows),
      references: isNear ? [{ axis: 'x', value: error, label: 'resolution' }] : [],
      densityRange: null,
      table: { columns: ['what', 'relative change'], rows: [...rows, ['error bound', error]] },
    },
    reason: null,
  };
}

/** A random update has a series of its own, in its own look. */
function seriesOf(rows: readonly [string, number | null][]): ChartSeries[] {
  const series = (label: string, color: ChartColor, isOwn: (row: string) => boolean): ChartSeries => ({
    mark: 'bar',
    label,
    color,
    alone: true,
    values: rows.map(([row, value]) => (isOwn(row) ? value : null)),
  });
  const isRandom = (row: string): boolean => row === randomLabel;
  return [
    series('measured', 'changed', (row) => !isRandom(row)),
    ...(rows.some(([row]) => isRandom(row)) ? [series(randomLabel, 'random', isRandom)] : []),
  ];
}
