// Which of the theme's colours a series has, and which series is drawn as an outline.
import type { Color } from '../theme/color.ts';
import type { Theme } from '../theme/theme.ts';
import type { ChartColor, ChartSeries } from './model.ts';

export function colorOf(name: ChartColor, theme: Theme): Color {
  switch (name) {
    case 'base':
      return theme.blue;
    case 'tuned':
      return theme.orange;
    case 'difference':
    case 'random':
      return theme.purple;
    case 'changed':
    case 'accent':
      return theme.blue;
    case 'bound':
      return theme.orange;
    case 'neutral':
      return theme.dim;
  }
}

/** What would have been, beside what was measured: told apart by shape as well as colour. */
export function isOutlined(series: ChartSeries): boolean {
  return series.mark === 'bar' && (series.color === 'neutral' || series.color === 'random');
}
