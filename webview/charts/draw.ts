// Draws a chart model with Chart.js in the theme's colours. With this folder alone importing it, the rest of the
// panel knows charts only as data.
import {
  BarController,
  BarElement,
  CategoryScale,
  Chart,
  LinearScale,
  LineController,
  LineElement,
  LogarithmicScale,
  PointElement,
  Tooltip,
  type ChartConfiguration,
  type ChartDataset,
  type ScaleOptionsByType,
} from 'chart.js';
import { formatDegrees, formatLift, formatNumber, formatShare } from '../../src/shared/text/format.ts';
import { css, type Theme } from '../view/theme.ts';
import type { Color } from '../view/color.ts';
import type { ChartAxis, ChartColor, ChartModel, ChartSeries, Unit } from './model.ts';

Chart.register(
  BarController,
  BarElement,
  CategoryScale,
  LinearScale,
  LineController,
  LineElement,
  LogarithmicScale,
  PointElement,
  Tooltip,
);
// Numbers appear where they are: nothing moves, which is also what reduced motion asks for.
Chart.defaults.animation = false;

/** A chart on its canvas. */
export interface DrawnChart {
  /** Brings it up to date. The model must be of the same kind: Chart.js cannot turn bars into lines. */
  show(model: ChartModel, theme: Theme): void;
  destroy(): void;
}

type Config = ChartConfiguration<'bar' | 'line', (number | null | { x: number; y: number | null })[], string>;
type Dataset = ChartDataset<'bar' | 'line', (number | null | { x: number; y: number | null })[]>;

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

function formatUnit(unit: Unit, value: number): string {
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

/** What a chart shows now; its plugins read it at each drawing, as Chart.js takes plugins only when a chart is made. */
interface Shown {
  model: ChartModel;
  theme: Theme;
}

export function drawChart(canvas: HTMLCanvasElement, model: ChartModel, theme: Theme): DrawnChart {
  const shown: Shown = { model, theme };
  const chart = new Chart(canvas, {
    type: model.series[0]?.mark === 'line' ? 'line' : 'bar',
    data: dataOf(model, theme),
    options: optionsOf(model, theme),
    plugins: [referencePlugin(shown), stripePlugin(shown)],
  } satisfies Config);
  return {
    show(next, nextTheme) {
      const sameAxes = nextTheme === shown.theme && axesKey(next) === axesKey(shown.model);
      shown.model = next;
      shown.theme = nextTheme;
      chart.data = dataOf(next, nextTheme);
      // New options make Chart.js work out every one of them again.
      if (!sameAxes) chart.options = optionsOf(next, nextTheme);
      chart.update('none');
    },
    destroy() {
      chart.destroy();
    },
  };
}

function axesKey({ horizontal, x, y }: ChartModel): string {
  const axis = ({ label, kind, unit, min, max }: ChartAxis): unknown[] => [label, kind, unit, min, max];
  return JSON.stringify([horizontal, axis(x), axis(y)]);
}

function dataOf(model: ChartModel, theme: Theme): Config['data'] {
  const { horizontal, x, y, series } = model;
  const categories = (horizontal ? y : x).categories;
  return {
    ...(categories === undefined ? {} : { labels: categories }),
    datasets: isStriped(model) ? [] : series.map((each) => datasetOf(each, model, theme)),
  };
}

function isStriped({ series }: ChartModel): boolean {
  return series.some(({ mark }) => mark === 'stripe');
}

function optionsOf({ horizontal, x, y }: ChartModel, theme: Theme): NonNullable<Config['options']> {
  return {
    responsive: true,
    maintainAspectRatio: false,
    indexAxis: horizontal ? 'y' : 'x',
    layout: { padding: { top: 6, right: 8, bottom: 0, left: 0 } },
    font: { family: theme.fontFamily, size: theme.fontSize - 2 },
    interaction: { mode: 'index', intersect: false, axis: horizontal ? 'y' : 'x' },
    scales: { x: scaleOf(x, theme), y: scaleOf(y, theme) },
    plugins: {
      tooltip: {
        animation: false,
        backgroundColor: css(theme.background),
        borderColor: css(theme.dim),
        borderWidth: 1,
        cornerRadius: 0,
        titleColor: css(theme.foreground),
        bodyColor: css(theme.foreground),
        displayColors: true,
        boxWidth: 8,
        boxHeight: 8,
        callbacks: {
          label: ({ dataset, parsed }) => {
            const value = horizontal ? parsed.x : parsed.y;
            const { unit } = horizontal ? x : y;
            return `${dataset.label ?? ''}: ${value === null ? '–' : formatUnit(unit, value)}`;
          },
        },
      },
    },
  };
}

function datasetOf(series: ChartSeries, model: ChartModel, theme: Theme): Dataset {
  if (series.mark === 'stripe') return { label: series.label, data: [] };
  const color = css(colorOf(series.color, theme));
  if (series.mark === 'bar') {
    const outlined = isOutlined(series);
    return {
      label: series.label,
      data: series.values,
      backgroundColor: outlined ? 'transparent' : color,
      borderColor: color,
      borderWidth: outlined ? 1.5 : 0,
      grouped: series.alone !== true,
      categoryPercentage: 0.78,
      barPercentage: model.series.length > 1 ? 0.9 : 0.8,
      maxBarThickness: 26,
    };
  }
  return {
    label: series.label,
    data: series.points.map(([at, value]) => ({ x: at, y: value })),
    borderColor: color,
    backgroundColor: color,
    borderWidth: 1.5,
    borderDash: series.dashed === true ? [4, 3] : [],
    pointRadius: series.marked === true || series.points.length < 3 ? 3 : 0,
    pointHitRadius: 6,
    spanGaps: false,
  };
}

/** What would have been, beside what was measured: told apart by shape as well as colour. */
export function isOutlined(series: ChartSeries): boolean {
  return series.mark === 'bar' && (series.color === 'neutral' || series.color === 'random');
}

type AnyScale = Partial<ScaleOptionsByType<'linear'>> & { type?: 'linear' };

/** Chart.js types its three kinds of scale apart; what is set here is common to all. */
function scaleOf(axis: ChartAxis, theme: Theme): AnyScale {
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
      ...(axis.kind === 'category'
        ? {}
        : { callback: (value: string | number) => tickText(axis, Number(value)) }),
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

function referencePlugin(shown: Shown): NonNullable<Config['plugins']>[number] {
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
  const { width } = ctx.measureText(text);
  ctx.fillStyle = css(theme.background, 0.85);
  ctx.fillRect(ctx.textAlign === 'right' ? x - width - 1 : x - 1, y - 9, width + 2, 12);
  ctx.fillStyle = css(theme.dim);
  ctx.fillText(text, x, y);
}

/** Stripes are painted as they are: one sliver per bin, in the heat map's colours, a lane for each series. */
function stripePlugin(shown: Shown): NonNullable<Config['plugins']>[number] {
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
