// A number in full for a hover, with the bound on its error where it has one.
import { formatNumber } from '../../../src/shared/text/format.ts';
import { belowResolution, isBelowResolution } from '../../../src/shared/report/resolution.ts';

export function exactLine(value: number | null, error: number | null): string {
  if (value === null) return 'Not measured.';
  const bound = error === null ? '' : `, error at most ${formatNumber(error)}`;
  return isBelowResolution(value, error)
    ? `Computed ${value.toPrecision(3)}${bound}: ${belowResolution}, so it cannot be told from zero.`
    : `Exact value ${value.toPrecision(7)}${bound}.`;
}
