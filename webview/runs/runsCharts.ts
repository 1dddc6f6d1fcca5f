// Charts of several runs: how many runs changed a weight, and where along rows and columns they write. Pure.
import { formatCount, formatNumber, formatShare } from '../../src/shared/text/format.ts';
import { layerKey, shortLayerLabel } from '../../src/shared/report/layers.ts';
import type { ModuleKind } from '../../src/shared/report/moduleKinds.ts';
import type { ConsensusMap, OverlapPool, RunsTensor } from '../../src/shared/report/runsReport.ts';
import { absent, type ChartModel, type ChartSlot } from '../parts/charts/model.ts';
import { moduleNames } from '../parts/model/selection.ts';
import type { BandMeasure } from './state.ts';

/** Weights by how many runs changed them, beside what runs of the same densities would give if they were independent. */
export function byRunsChart({ byRuns, changed, compared }: OverlapPool): ChartSlot {
  const title = 'How many runs change a weight';
  if (compared === 0) return absent('byRuns', title, 'Nothing was compared.');
  const shares = byRuns.map((count) => count / compared);
  const chance = independent(changed.map((count) => count / compared));
  const categories = byRuns.map((_, runs) => String(runs));
  const model: ChartModel = {
    id: 'byRuns',
    title,
    definition:
      'Share of the weights that exactly so many runs changed, beside that of independent runs of the same densities.',
    description: shares
      .map(
        (share, runs) => `${runs} runs ${formatShare(share)}, by chance ${formatShare(chance[runs] ?? null)}`,
      )
      .join('; '),
    x: { label: 'runs', kind: 'category', unit: 'index', categories },
    y: { label: 'of the weights', kind: 'linear', unit: 'share', min: 0 },
    horizontal: false,
    series: [
      { mark: 'bar', label: 'measured', color: 'changed', values: shares },
      { mark: 'bar', label: 'if independent', color: 'neutral', values: chance },
    ],
    references: [],
    densityRange: null,
    table: {
      columns: ['runs', 'weights', 'share', 'share if independent'],
      rows: byRuns.map((count, runs) => [runs, count, shares[runs] ?? null, chance[runs] ?? null]),
    },
  };
  return { model, reason: null };
}

/** The distribution of a sum of independent coins: P(exactly i of them). */
export function independent(densities: readonly number[]): number[] {
  let chance = [1];
  for (const density of densities) {
    chance = Array.from(
      { length: chance.length + 1 },
      (_, runs) => (chance[runs] ?? 0) * (1 - density) + (chance[runs - 1] ?? 0) * density,
    );
  }
  return chance;
}

const measureWords: Record<BandMeasure, string> = {
  mean: 'mean number of runs that changed a weight of the band',
  runs: 'number of runs that change this band more than the tensor as a whole',
};

/** One tensor: its rows and columns as two lanes. */
export function bandsChart(tensor: RunsTensor, measure: BandMeasure): ChartSlot {
  const title = 'Rows and columns';
  const { consensus, name } = tensor;
  if (consensus === null) return absent('bands', title, 'Only matrices have rows and columns.');
  const lanes = [
    { label: 'rows', values: bandsOf(consensus, 'row', measure) },
    { label: 'columns', values: bandsOf(consensus, 'column', measure) },
  ];
  return laneChart('bands', title, `${name}: ${measureWords[measure]}`, lanes);
}

/** A module kind over the layers: a lane per matrix. */
export function consensusChart(
  tensors: readonly RunsTensor[],
  module: ModuleKind,
  axis: 'row' | 'column',
  measure: BandMeasure,
): ChartSlot {
  const title = `${axis === 'row' ? 'Rows' : 'Columns'} of ${moduleNames[module]}, layer by layer`;
  const own = tensors.filter((tensor) => tensor.module === module && tensor.consensus !== null);
  if (own.length === 0) return absent('consensus', title, `There is no matrix of this kind.`);
  const several = new Set(own.map(layerKey)).size < own.length;
  const lanes = own.flatMap(({ consensus, container, layer, name }) =>
    consensus === null
      ? []
      : [
          {
            label: several || layer === null ? shortName(name) : shortLayerLabel({ container, layer }),
            values: bandsOf(consensus, axis, measure),
          },
        ],
  );
  return laneChart('consensus', title, `Along the ${axis}s: ${measureWords[measure]}`, lanes);
}

/** Kinds that have a matrix, in the model's order. */
export function consensusKinds(tensors: readonly RunsTensor[]): ModuleKind[] {
  return [...new Set(tensors.flatMap(({ consensus, module }) => (consensus === null ? [] : [module])))];
}

export function laneCount({ model }: ChartSlot): number {
  return model?.series.length ?? 0;
}

interface Lane {
  label: string;
  values: number[];
}

/** More lanes than this are drawn with some of their labels left out. */
const labelledLanes = 16;

function laneChart(
  id: 'bands' | 'consensus',
  title: string,
  about: string,
  lanes: readonly Lane[],
): ChartSlot {
  const all = lanes.flatMap(({ values }) => values);
  const min = all.reduce((low, value) => Math.min(low, value), Infinity);
  const max = all.reduce((high, value) => Math.max(high, value), -Infinity);
  const every = Math.ceil(lanes.length / labelledLanes);
  const length = lanes.reduce((most, { values }) => Math.max(most, values.length), 0);
  const range = `from ${formatNumber(min)} to ${formatNumber(max)}`;
  const model: ChartModel = {
    id,
    title,
    definition: `${about}, ${range}; the further from the background, the more.`,
    description: `${about}, ${range}; ${formatCount(lanes.length)} lanes of up to ${length} bands. Copy data gives every band.`,
    x: { label: 'position', kind: 'linear', unit: 'share', min: 0, max: 1 },
    y: {
      label: '',
      kind: 'category',
      unit: 'index',
      categories: lanes.map(({ label }, at) => (at % every === 0 ? label : '')),
    },
    horizontal: false,
    series: lanes.map(({ label, values }) => ({ mark: 'stripe', label, values })),
    references: [],
    densityRange: { min, max },
    table: {
      columns: ['lane', ...Array.from({ length }, (_, band) => `band ${band + 1}`)],
      rows: lanes.map(({ label, values }) => [
        label,
        ...Array.from({ length }, (_, band) => values[band] ?? null),
      ]),
    },
  };
  return { model, reason: null };
}

function bandsOf(consensus: ConsensusMap, axis: 'row' | 'column', measure: BandMeasure): number[] {
  const { rowMean, rowRuns, columnMean, columnRuns } = consensus;
  if (axis === 'row') return measure === 'mean' ? rowMean : rowRuns;
  return measure === 'mean' ? columnMean : columnRuns;
}

function shortName(name: string): string {
  const own = name.replace(/\.weight$/u, '').split('.');
  return own.slice(-3).join('.');
}
