// Where a logged series runs in its small picture. Pure.
import type { LogSeries } from '../../../src/shared/report/training.ts';

/** Of the picture, in its own units; it is stretched to the room there is. */
export const sparkWidth = 240;

/** Points in the picture's own units. Pure. */
export function sparkPoints(
  { points, signal }: Pick<LogSeries, 'points' | 'signal'>,
  height: number,
): { x: number; y: number }[] {
  const values = points.map(([, value]) => value);
  // A divergence is read against zero; the others by their own shape.
  const low = Math.min(...(signal.startsWith('kl') ? [0] : []), ...values);
  const high = Math.max(...values);
  const [from, to] = [points[0]?.[0] ?? 0, points[points.length - 1]?.[0] ?? 1];
  return points.map(([step, value]) => ({
    x: to > from ? ((step - from) / (to - from)) * sparkWidth : sparkWidth / 2,
    y: height - 2 - (high > low ? (value - low) / (high - low) : 0.5) * (height - 4),
  }));
}
