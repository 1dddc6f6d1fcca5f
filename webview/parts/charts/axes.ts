// An axis of a chart as Chart.js takes it, and how its numbers are written.
import type { ScaleOptionsByType } from 'chart.js';
import { formatDegrees, formatLift, formatNumber, formatShare } from '../../../src/shared/text/format.ts';
import { css, type Theme } from '../theme/theme.ts';
import { labelLines } from './labels.ts';
import type { ChartAxis, Unit } from './model.ts';

type AnyScale = Partial<ScaleOptionsByType<'linear'>> & { type?: 'linear' };

/** Chart.js types its three kinds of scale apart; what is set here is common to all. */
export function scaleOf(axis: ChartAxis, theme: Theme): AnyScale {
  const type = { linear: 'linear', log: 'logarithmic', category: 'category' }[axis.kind];
  const font = { family: theme.fontFamily, size: theme.fontSize - 2 };
  const scale = {
    type,
    // Bars stand beside the ends of their axis; what has a measure begins where its axis does.
    offset: axis.kind === 'category',
    ...(axis.categories === undefined ? {} : { labels: axis.categories }),
    ...(axis.min === undefined ? {} : { min: axis.min }),
    ...(axis.max === undefined ? {} : { max: axis.max }),
    border: { color: css(theme.dim) },
    grid: { color: css(theme.grid), display: axis.kind !== 'category', drawTicks: false },
    title: { display: axis.label !== '', text: axis.label, color: css(theme.dim), font, padding: 2 },
    ticks: {
      color: css(axis.kind === 'category' ? theme.foreground : theme.dim),
      font,
      padding: 4,
      maxRotation: 0,
      autoSkip: axis.kind !== 'category',
      autoSkipPadding: 12,
      // An index axis ends where its values do, which need not be a round number.
      ...(axis.kind === 'category' ? {} : { maxTicksLimit: 6, includeBounds: axis.unit !== 'index' }),
      callback: (value: string | number) =>
        axis.kind === 'category'
          ? labelLines(axis.categories?.[Number(value)] ?? '')
          : tickText(axis, Number(value)),
    },
  };
  return scale as unknown as AnyScale;
}

function tickText(axis: ChartAxis, value: number): string | null {
  if (axis.kind === 'log') {
    const exponent = Math.log10(value);
    if (Math.abs(exponent - Math.round(exponent)) > 1e-6) return null;
    const text =
      value < 1e-3 || value >= 1e4 ? `1e${Math.round(exponent)}` : String(Number(value.toPrecision(1)));
    return axis.unit === 'degrees' ? `${text}°` : text;
  }
  if (axis.unit === 'share') return `${Number((value * 100).toPrecision(3))} %`;
  return formatUnit(axis.unit, value);
}

export function formatUnit(unit: Unit, value: number): string {
  switch (unit) {
    case 'share':
      return formatShare(value);
    case 'degrees':
      return formatDegrees(value);
    case 'lift':
      return formatLift(value);
    case 'index':
      return Number.isInteger(value) ? String(value) : '';
    case 'number':
      return formatNumber(value);
  }
}
