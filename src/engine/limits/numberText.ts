// Numbers of limits as text, both ways: units that a limit may be written in, and how a measured value is shown beside it.
import { formatDegrees, formatLift, formatNumber, formatShare } from '../../shared/text/format.ts';
import type { NumberKind } from './metricEntry.ts';

const written = /^(×)?\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?)\s*(%|°)?$/iu;

/** The number that a text means for this kind of number, or in words why it means none. */
export function readNumber(text: string, kind: NumberKind): number | string {
  const [whole, times, digits, unit] = written.exec(text) ?? [];
  if (whole === undefined) return `"${text}" is no number`;
  const value = Number(digits);
  if (!Number.isFinite(value)) return `${text} is too large`;
  if (times !== undefined && kind !== 'lift') return `× belongs to a lift, and this is none`;
  if (unit === '°' && kind !== 'degrees') return `° belongs to an angle, and this is none`;
  if (unit !== '%') return value;
  if (kind === 'degrees' || kind === 'count' || kind === 'number')
    return `% belongs to a share, and this is none`;
  return Number((value / 100).toPrecision(15));
}

const formats: Readonly<Record<NumberKind, (value: number) => string>> = {
  share: formatShare,
  ratio: formatNumber,
  number: formatNumber,
  degrees: formatDegrees,
  lift: formatLift,
  count: String,
};

const exact: Readonly<Record<NumberKind, (value: number) => string>> = {
  share: (value) => `${Number((value * 100).toPrecision(15))} %`,
  ratio: String,
  number: String,
  degrees: (value) => `${value}°`,
  lift: (value) => `×${value}`,
  count: String,
};

/** As someone would write the limit: every digit of it. */
export function limitText(value: number, kind: NumberKind): string {
  return exact[kind](value);
}

/** In few digits, where there is nothing to tell it from. */
export function shortText(value: number, kind: NumberKind): string {
  return formats[kind](value);
}

/** A measured value beside its limit, in as few digits as tell the two apart. */
export function measuredText(value: number, limit: number, kind: NumberKind): string {
  const short = formats[kind](value);
  return value !== limit && short === formats[kind](limit) ? exact[kind](value) : short;
}
