// Numbers that may be missing, always with a reason: the report holds no NaN and no Infinity.
import type { Measured } from '../../shared/report/report.ts';

export function absent<T>(reason: string): Measured<T> {
  return { value: null, reason };
}

/** The value, or why it cannot stand in a report: a number in it that is not finite is named by its field. */
export function measured<T extends object>(value: T): Measured<T> {
  const field = notFinite(value, '');
  if (field === null) return { value, reason: null };
  return absent(`Not measured: ${field} is beyond what float64 holds.`);
}

/** Path of the first number in a plain object that JSON cannot hold; null when there is none. */
function notFinite(value: unknown, path: string): string | null {
  if (typeof value === 'number') return Number.isFinite(value) ? null : path;
  if (typeof value !== 'object' || value === null) return null;
  for (const [key, inner] of Object.entries(value)) {
    const found = notFinite(inner, path === '' ? key : `${path}.${key}`);
    if (found !== null) return found;
  }
  return null;
}

/** The value, or the reason where there is none. */
export function measuredOr<T extends object>(value: T | null, whyNone: string): Measured<T> {
  return value === null ? absent(whyNone) : measured(value);
}
