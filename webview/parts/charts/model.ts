// A chart as data: what the builders make, the tests check, the tables are copied from, and one renderer draws.
import type { PlainTable } from '../table/tsv.ts';

export type Unit = 'number' | 'share' | 'degrees' | 'lift' | 'index';

export type ChartColor =
  'base' | 'tuned' | 'difference' | 'neutral' | 'random' | 'accent' | 'changed' | 'bound';

export interface ChartAxis {
  label: string;
  kind: 'linear' | 'log' | 'category';
  unit: Unit;
  categories?: string[];
  min?: number;
  max?: number;
}

/** `line`: [x, y] points, null where there is no value. `bar`: one value per category. `stripe`: a lane of densities. */
export type ChartSeries =
  | {
      mark: 'line';
      label: string;
      color: ChartColor;
      dashed?: boolean;
      /** A dot at every point. */
      marked?: boolean;
      points: [number, number | null][];
    }
  | {
      mark: 'bar';
      label: string;
      color: ChartColor;
      values: (number | null)[];
      /** Takes the whole category, as no other series has a bar there. */
      alone?: boolean;
    }
  | { mark: 'stripe'; label: string; values: number[] };

/** A straight line across the chart: a threshold, a floor, what chance would give. */
export interface ChartReference {
  axis: 'x' | 'y';
  value: number;
  label: string;
}

export interface ChartModel {
  id: string;
  title: string;
  /** One line: what is drawn, and how it is defined. */
  definition: string;
  /** What a reader who does not see the picture needs. */
  description: string;
  x: ChartAxis;
  y: ChartAxis;
  /** Bars grow to the right, categories run down. */
  horizontal: boolean;
  series: ChartSeries[];
  references: ChartReference[];
  /** The colour axis of stripes. */
  densityRange: { min: number; max: number } | null;
  /** Needs less room than others. */
  short?: true;
  /** Every value drawn, at full precision. */
  table: PlainTable;
}

/** A chart, or why there is none; `coming`: its curves were asked for, and its room is kept. */
export type ChartSlot = { model: ChartModel; reason: null } | NoChart;

export interface NoChart {
  id: string;
  title: string;
  model: null;
  reason: string;
  coming?: true;
  short?: true;
}

/** A floor is drawn only near the values; far below them it would squeeze everything else into a line. */
export function nearFloor(floor: number, values: readonly number[]): boolean {
  const least = values.reduce((low, value) => (value > 0 ? Math.min(low, value) : low), Infinity);
  return floor > 0 && floor > least / 30;
}

export function coming(id: string, title: string): NoChart {
  return { id, title, model: null, reason: 'Fetching the curve…', coming: true };
}

export function absent(id: string, title: string, reason: string): NoChart {
  return { id, title, model: null, reason };
}

/** Whole decades around the values. */
export function logEnds(values: readonly number[]): { min: number; max: number } {
  const low = values.reduce((least, value) => Math.min(least, value), Infinity);
  const high = values.reduce((most, value) => Math.max(most, value), 0);
  if (high === 0) return { min: 0.1, max: 1 };
  const min = 10 ** Math.floor(Math.log10(low));
  const max = 10 ** Math.ceil(Math.log10(high));
  return { min, max: max > min ? max : min * 10 };
}
