// What Chart.js does not draw of itself: reference lines with their words, and lanes of stripes.
import type { Chart, ChartConfiguration } from 'chart.js';
import { css, type Theme } from '../theme/theme.ts';
import { placeCaption, type Box, type Point } from './captions.ts';
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
      const { ctx, scales } = chart;
      const { model, theme } = shown;
      const area = areaOf(chart);
      const words: Box[] = [];
      const curves = curvesOf(chart);
      ctx.save();
      ctx.strokeStyle = css(theme.dim);
      ctx.font = `${theme.fontSize - 3}px ${theme.fontFamily}`;
      ctx.setLineDash([2, 3]);
      const lines = model.references.flatMap(({ axis, value, label }) => {
        const at = scales[axis]?.getPixelForValue(value);
        return at === undefined || Number.isNaN(at) ? [] : [{ axis, at, label }];
      });
      for (const { axis, at } of lines) strokeAcross(ctx, axis, at, area);
      for (const { axis, at, label } of lines) {
        if (label === '') continue;
        const size = { width: ctx.measureText(label).width + 2, height: theme.fontSize };
        const box = placeCaption({ axis, at, ...size }, area, { curves, words });
        words.push(box);
        caption(ctx, label, box, theme);
      }
      ctx.restore();
    },
  };
}

function areaOf({ chartArea: { left, top, width, height } }: Chart): Box {
  return { left, top, width, height };
}

/** Where the lines run that are drawn from point to point. */
function curvesOf(chart: Chart): Point[][] {
  return chart.data.datasets.flatMap((_, index) => {
    const { type, data } = chart.getDatasetMeta(index);
    return type === 'line' ? [data.flatMap(({ x, y }) => (Number.isNaN(x + y) ? [] : [{ x, y }]))] : [];
  });
}

function strokeAcross(ctx: CanvasRenderingContext2D, axis: 'x' | 'y', at: number, area: Box): void {
  ctx.beginPath();
  if (axis === 'y') {
    ctx.moveTo(area.left, at);
    ctx.lineTo(area.left + area.width, at);
  } else {
    ctx.moveTo(at, area.top);
    ctx.lineTo(at, area.top + area.height);
  }
  ctx.stroke();
}

/** Words on the ground's own colour, so that lines under them do not strike them through. */
function caption(ctx: CanvasRenderingContext2D, text: string, box: Box, theme: Theme): void {
  const { left, top, width, height } = box;
  ctx.fillStyle = css(theme.background, 0.85);
  ctx.fillRect(left, top, width, height);
  ctx.fillStyle = css(theme.dim);
  ctx.textAlign = 'left';
  ctx.textBaseline = 'middle';
  ctx.fillText(text, left + 1, top + height / 2);
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
