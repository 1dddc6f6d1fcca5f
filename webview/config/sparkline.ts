// A logged series as a small line on its own axis. Two signals never share one: what logs call KL is three things.
import { formatNumber } from '../../src/shared/format.ts';
import type { LogSeries } from '../../src/shared/training.ts';
import { vector } from '../view/dom.ts';

const width = 240;

/** Points in the picture's own units. Pure. */
export function sparkPoints(
  { points, signal }: Pick<LogSeries, 'points' | 'signal'>,
  height: number,
): { x: number; y: number }[] {
  const values = points.map(([, value]) => value);
  // A divergence is read against zero; the others by their own shape.
  const low = Math.min(...(signal.startsWith('kl') ? [0] : []), ...values);
  const high = Math.max(...values);
  const [from, to] = [points[0]?.[0] ?? 0, points.at(-1)?.[0] ?? 1];
  return points.map(([step, value]) => ({
    x: to > from ? ((step - from) / (to - from)) * width : width / 2,
    y: height - 2 - (high > low ? (value - low) / (high - low) : 0.5) * (height - 4),
  }));
}

export function sparkline(series: LogSeries, height: number): SVGSVGElement {
  const line = sparkPoints(series, height)
    .map(({ x, y }) => `${x.toFixed(1)},${y.toFixed(1)}`)
    .join(' ');
  const first = series.points[0]?.[0] ?? 0;
  const last = series.points.at(-1)?.[0] ?? 0;
  return vector(
    'svg',
    {
      class: 'spark',
      viewBox: `0 0 ${width} ${height}`,
      preserveAspectRatio: 'none',
      role: 'img',
      'aria-label': `${series.key} from step ${first} to ${last}: last ${formatNumber(series.last)}, mean ${formatNumber(series.mean)}, peak ${formatNumber(series.peak)}`,
    },
    vector('line', { class: 'spark-axis', x1: 0, x2: width, y1: height - 1, y2: height - 1 }),
    vector('polyline', { class: 'spark-line', points: line }),
  );
}
