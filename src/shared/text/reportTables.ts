// The columns that every table of a report shows for a layer, a module kind or the whole model, as text: the same
// in the terminal and in Markdown.
import { formatCount, formatDegrees, formatLift, formatNumber, formatShare } from './format.ts';
import type { GateName } from '../options.ts';
import type { Aggregate, LayerReport, ModuleReport } from '../report/report.ts';
import { formatResolved, poolErrors } from '../report/resolution.ts';
import type { GateStanding, Reading } from '../report/verdicts.ts';

export const gateTitles: Readonly<Record<GateName, string>> = {
  anchor: 'Gate I · KL anchor',
  geometry: 'Gate II · model geometry',
  precision: 'Gate III · precision',
};

/** What a metric is called where people read it. */
export const metricTitles: Readonly<Record<string, string>> = {
  relativeDrift: 'Relative drift ‖Δ‖/‖W‖',
  kl: 'KL to the reference, from the log',
  spectralDriftTopK: 'Spectral drift, top k',
  rotationMeanDeg: 'Mean rotation',
  principalLift: 'Principal lift',
  lowMagnitudeLift: 'Low-magnitude lift',
  sparsityBf16: 'Unchanged in bf16',
  principalEnergy: 'Energy in the leading subspaces',
};

/** How a metric's value is written. */
export function formatMetric(metric: string, value: number | null): string {
  if (metric === 'sparsityBf16' || metric === 'principalEnergy') return formatShare(value);
  if (metric === 'rotationMeanDeg') return formatDegrees(value);
  if (metric.endsWith('Lift')) return formatLift(value);
  return formatNumber(value);
}

/** A reading's value, or that it is below resolution. */
export function formatReading({ metric, value, error }: Reading): string {
  return formatResolved(value, error, (number) => formatMetric(metric, number));
}

/** A limit as someone would write it: 0.188 → "18.8 %", 5e-3 → "0.005", 1 → "1°". */
export function formatLimit(metric: string, limit: number): string {
  if (metric === 'sparsityBf16') return `${Number((limit * 100).toPrecision(6))} %`;
  if (metric === 'rotationMeanDeg') return `${limit}°`;
  if (metric.endsWith('Lift')) return `×${limit}`;
  return String(limit);
}

/** The word of a standing that does not lean on colour: a filled, half-filled, empty or dotted circle. */
export const standingMarks: Readonly<Record<GateStanding, string>> = {
  holds: '●',
  middle: '◐',
  broken: '○',
  unknown: '·',
};

export const aggregateColumns: readonly string[] = [
  'tensors',
  'parameters',
  'drift',
  'rotation',
  'princ. lift',
  'low lift',
  'unchanged',
];

/** One cell per aggregate column. */
export function aggregateCells(aggregate: Omit<Aggregate, 'verdicts'>): string[] {
  const { precision, anchor, geometry } = aggregate;
  return [
    aggregate.tensors.toString(),
    formatCount(aggregate.elements),
    formatNumber(anchor.value?.relativeDrift ?? null),
    formatResolved(
      geometry.value?.rotationMeanDeg ?? null,
      poolErrors(geometry.value).rotationMeanDeg,
      formatDegrees,
    ),
    formatLift(geometry.value?.principalLift ?? null),
    formatLift(geometry.value?.lowMagnitudeLift ?? null),
    formatShare(precision.value?.sparsityBf16 ?? null),
  ];
}

export function layerTitle({ label }: LayerReport): string {
  return label;
}

const moduleTitles: Readonly<Record<ModuleReport['module'], string>> = {
  q: 'Attention q',
  k: 'Attention k',
  v: 'Attention v',
  o: 'Attention o',
  gate: 'MLP gate',
  up: 'MLP up',
  down: 'MLP down',
  experts: 'Experts',
  norm: 'Norms',
  embed: 'Embeddings',
  head: 'Head',
  other: 'Other',
};

export function moduleTitle({ module }: Pick<ModuleReport, 'module'>): string {
  return moduleTitles[module];
}
