// Rows of a training log, whatever file they came from, as one bounded series per signal key.
import { problem, type Problem } from '../../../shared/errors.ts';
import type { LogSeries } from '../../../shared/training.ts';
import { lastOf } from '../lastOf.ts';
import { meaningOf, type LogContext } from './signals.ts';

export const maxPoints = 512;

/** Metrics logged at one step. Rows of one step may be split over several. */
export interface LogRow {
  step: number;
  values: Readonly<Record<string, number>>;
}

export interface LogTable {
  file: string;
  rows: LogRow[];
}

/** A reference KL whose last value is no number: the run had diverged, or its log broke off there. */
export function brokenKl({ file, rows }: LogTable, context: LogContext): Problem[] {
  const last = new Map<string, { step: number; value: number }>();
  for (const { step, values } of rows) {
    for (const [key, value] of Object.entries(values)) {
      if (step >= (last.get(key)?.step ?? -Infinity)) last.set(key, { step, value });
    }
  }
  return [...last].flatMap(([key, { step, value }]) => {
    if (Number.isFinite(value) || meaningOf(key, context)?.signal !== 'klReference') return [];
    const message = `${file}: the last logged ${key}, at step ${step}, is ${value}; what is said of the KL rests on what stood before it.`;
    return [problem('non-finite', message, { file })];
  });
}

/** Series of the known signals, in the order in which their keys first occur. Values that are not finite are left out. */
export function seriesOf(table: LogTable, context: LogContext): LogSeries[] {
  const byKey = new Map<string, [number, number][]>();
  for (const { step, values } of table.rows) {
    for (const [key, value] of Object.entries(values)) {
      if (!Number.isFinite(value)) continue;
      const points = byKey.get(key) ?? [];
      if (points.length === 0) byKey.set(key, points);
      points.push([step, value]);
    }
  }
  return [...byKey].flatMap(([key, points]) => {
    const meaning = meaningOf(key, context);
    if (meaning === null) return [];
    points.sort((left, right) => left[0] - right[0]);
    return [{ ...meaning, key, file: table.file, ...statistics(points), points: thinned(points) }];
  });
}

function statistics(
  points: readonly [number, number][],
): Pick<LogSeries, 'last' | 'mean' | 'peak' | 'count'> {
  const values = points.map(([, value]) => value);
  return {
    last: lastOf(values) ?? 0,
    mean: values.reduce((sum, value) => sum + value, 0) / values.length,
    peak: values.reduce((peak, value) => Math.max(peak, Math.abs(value)), 0),
    count: values.length,
  };
}

/** At most `maxPoints` points, evenly spaced in order, with the first and the last. */
function thinned(points: [number, number][]): [number, number][] {
  if (points.length <= maxPoints) return points;
  const step = (points.length - 1) / (maxPoints - 1);
  return Array.from({ length: maxPoints }, (_, index) => points[Math.round(index * step)]).filter(
    (point) => point !== undefined,
  );
}
