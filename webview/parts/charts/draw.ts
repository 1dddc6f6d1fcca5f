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
  type ChartDataset,
} from 'chart.js';
import { css, type Theme } from '../theme/theme.ts';
import { formatUnit, scaleOf } from './axes.ts';
import { colorOf, isOutlined } from './colors.ts';
import type { ChartAxis, ChartModel, ChartSeries } from './model.ts';
import { referencePlugin, stripePlugin, type Config, type Shown } from './plugins.ts';

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

type Dataset = ChartDataset<'bar' | 'line', (number | null | { x: number; y: number | null })[]>;

export function drawChart(canvas: HTMLCanvasElement, model: ChartModel, theme: Theme): DrawnChart {
  const shown: Shown = { model, theme };
  const chart = new Chart(canvas, {
    type: model.series[0]?.mark === 'line' ? 'line' : 'bar',
    data: dataOf(model, theme),
    options: optionsOf(model, theme),
    plugins: [stripePlugin(shown), referencePlugin(shown)],
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
