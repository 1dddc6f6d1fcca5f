// What Chart.js does not draw of itself: reference lines with their words, and lanes of stripes.
import type { ChartConfiguration } from 'chart.js';
import { css, type Theme } from '../theme/theme.ts';
import type { ChartModel } from './model.ts';

export type Config = ChartConfiguration<
  'bar' | 'line',
  (number | null | { x: number; y: number | null })[],
  string
>;

/** What a chart shows now; its plugins read it at each drawing, as Chart.js takes plugins only when a chart is made. */
export interface Shown {
  model: ChartModel;
  theme: Theme;
}

export function referencePlugin(shown: Shown): NonNullable<Config['plugins']>[number] {
  return {
    id: 'references',
    afterDatasetsDraw(chart) {
      const { ctx, chartArea: area, scales } = chart;
      const { model, theme } = shown;
      for (const { axis, value, label } of model.references) {
        const at = scales[axis]?.getPixelForValue(value);
        if (at === undefined || Number.isNaN(at)) continue;
        ctx.save();
        ctx.strokeStyle = css(theme.dim);
        ctx.font = `${theme.fontSize - 3}px ${theme.fontFamily}`;
        ctx.setLineDash([2, 3]);
        ctx.beginPath();
        if (axis === 'y') {
          ctx.moveTo(area.left, at);
          ctx.lineTo(area.right, at);
          ctx.stroke();
          ctx.textAlign = 'right';
          // Keep the words inside the picture when the line runs along its upper edge.
          caption(ctx, label, area.right - 2, at < area.top + 12 ? at + 10 : at - 3, theme);
        } else {
          ctx.moveTo(at, area.top);
          ctx.lineTo(at, area.bottom);
          ctx.stroke();
          ctx.textAlign = at > area.right - 60 ? 'right' : 'left';
          caption(ctx, label, at + (at > area.right - 60 ? -3 : 3), area.top + 8, theme);
        }
        ctx.restore();
      }
    },
  };
}

/** Words on the ground's own colour, so that lines under them do not strike them through. */
function caption(ctx: CanvasRenderingContext2D, text: string, x: number, y: number, theme: Theme): void {
  if (text === '') return;
  const { width } = ctx.measureText(text);
  ctx.fillStyle = css(theme.background, 0.85);
  ctx.fillRect(ctx.textAlign === 'right' ? x - width - 1 : x - 1, y - 9, width + 2, 12);
  ctx.fillStyle = css(theme.dim);
  ctx.fillText(text, x, y);
}

/** Stripes are painted as they are: one sliver per bin, in the heat map's colours, a lane for each series. */
export function stripePlugin(shown: Shown): NonNullable<Config['plugins']>[number] {
  return {
    id: 'stripes',
    afterDatasetsDraw({ ctx, chartArea: area }) {
      const { model, theme } = shown;
      const lanes = model.series.flatMap((series) => (series.mark === 'stripe' ? [series.values] : []));
      const { min, max } = model.densityRange ?? { min: 0, max: 1 };
      const height = (area.bottom - area.top) / lanes.length;
      lanes.forEach((values, lane) => {
        const top = area.top + lane * height + height * 0.12;
        const width = (area.right - area.left) / values.length;
        values.forEach((value, index) => {
          ctx.fillStyle = css(theme.ramp(max > min ? (value - min) / (max - min) : 0.5));
          ctx.fillRect(area.left + index * width, top, Math.ceil(width + 0.5), height * 0.76);
        });
      });
    },
  };
}
