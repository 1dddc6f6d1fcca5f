// A logged series as a small line on its own axis. Two signals never share one: what logs call KL is three things.
import { formatNumber } from '../../../src/shared/text/format.ts';
import type { LogSeries } from '../../../src/shared/report/training.ts';
import { sparkPoints, sparkWidth } from './sparkPoints.ts';
import { vector } from '../../parts/dom/dom.ts';

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
      viewBox: `0 0 ${sparkWidth} ${height}`,
      preserveAspectRatio: 'none',
      role: 'img',
      'aria-label': `${series.key} from step ${first} to ${last}: last ${formatNumber(series.last)}, mean ${formatNumber(series.mean)}, peak ${formatNumber(series.peak)}`,
    },
    vector('line', { class: 'spark-axis', x1: 0, x2: sparkWidth, y1: height - 1, y2: height - 1 }),
    vector('polyline', { class: 'spark-line', points: line }),
  );
}
