// Rows of a training log, whatever file they came from, as one bounded series per signal key.
import type { LogSeries, NotFiniteLog } from '../../../shared/report/training.ts';
import { lastOf } from '../lastOf.ts';
import { meaningOf, type LogContext } from './signals.ts';

const maxPoints = 512;

/** Metrics logged at one step. Rows of one step may be split over several. */
export interface LogRow {
  step: number;
  values: Readonly<Record<string, number>>;
}

export interface LogTable {
  file: string;
  rows: LogRow[];
}

/** A number as trainers write it into text, NaN and infinities included; null for anything else. */
export function numberLogged(text: string): number | null {
  const special = /^([-+]?)(nan|inf(?:inity)?)$/i.exec(text);
  if (special !== null) return /^n/i.test(special[2] ?? '') ? NaN : special[1] === '-' ? -Infinity : Infinity;
  return /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(text) ? Number(text) : null;
}

/** Known signals whose last logged value is NaN or infinite. */
export function notFiniteOf(table: LogTable, context: LogContext): NotFiniteLog[] {
  const last = new Map<string, { step: number; value: number; finite: boolean }>();
  for (const { step, values } of table.rows) {
    for (const [key, value] of Object.entries(values)) {
      const known = last.get(key);
      const finite = known?.finite === true || Number.isFinite(value);
      if (known === undefined || step >= known.step) last.set(key, { step, value, finite });
      else known.finite = finite;
    }
  }
  return [...last].flatMap(([key, { step, value, finite }]) => {
    const meaning = Number.isFinite(value) ? null : meaningOf(key, context);
    return meaning === null
      ? []
      : [{ signal: meaning.signal, key, file: table.file, step, value: String(value), everFinite: finite }];
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
