// What a config says, in words.
import type { ConfigEntry } from '../report/training.ts';

export function valueText({ value, origin }: Pick<ConfigEntry, 'value' | 'origin'>): string {
  if (origin === 'unknown' && value === null) return 'not stated';
  if (value === null) return 'none';
  // Learning rates read as people write them: 1e-6, not 0.000001.
  if (typeof value === 'number' && value !== 0 && Math.abs(value) < 1e-3) return value.toExponential();
  return Array.isArray(value) ? value.join(', ') : String(value);
}
