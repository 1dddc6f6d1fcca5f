// The columns that every table of a report shows for a layer, a module kind or the whole model, as text: the same
// in the terminal and in Markdown.
import { formatCount } from './format.ts';
import { formatMetric, metricCatalogue } from './metrics.ts';
import type { Aggregate, LayerReport, ModuleReport } from '../report/report.ts';
import { formatResolved, poolErrors } from '../report/resolution.ts';
import type { GateStanding, Reading } from '../report/verdicts.ts';

/** A reading's value, or that it is below resolution. */
export function formatReading({ metric, value, error }: Reading): string {
  return formatResolved(value, error, (number) => formatMetric(metric, number));
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
  metricCatalogue.relativeDrift.short,
  metricCatalogue.rotationMeanDeg.short,
  'princ. lift',
  'low lift',
  metricCatalogue.sparsityBf16.short,
];

/** One cell per aggregate column. */
export function aggregateCells(aggregate: Omit<Aggregate, 'verdicts'>): string[] {
  const { precision, anchor, geometry } = aggregate;
  const { rotationMeanDeg: rotation } = metricCatalogue;
  return [
    aggregate.tensors.toString(),
    formatCount(aggregate.elements),
    formatMetric('relativeDrift', anchor.value?.relativeDrift ?? null),
    formatResolved(
      geometry.value?.rotationMeanDeg ?? null,
      poolErrors(geometry.value).rotationMeanDeg,
      rotation.format,
    ),
    formatMetric('principalLift', geometry.value?.principalLift ?? null),
    formatMetric('lowMagnitudeLift', geometry.value?.lowMagnitudeLift ?? null),
    formatMetric('sparsityBf16', precision.value?.sparsityBf16 ?? null),
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
