// Where along rows or columns of one tensor a run wrote, a lane for each checkpoint, with the boundaries of attention heads
// (arXiv 2511.08567, Fig. 3). Pure.
import { formatShare } from '../../src/shared/text/format.ts';
import type { StepsDirection, StepsTensor } from '../../src/shared/report/stepsDirection.ts';
import { directionDefinitions } from '../../src/shared/text/directionTables.ts';
import { absent, type ChartModel, type ChartReference, type ChartSlot } from '../parts/charts/model.ts';

export type StripeAxis = 'row' | 'column';

export function stepStripesChart(
  { steps }: Pick<StepsDirection, 'steps'>,
  { name, stripes }: StepsTensor,
  axis: StripeAxis,
): ChartSlot {
  const title = axis === 'row' ? 'Rows over the steps' : 'Columns over the steps';
  if (stripes === null) return absent('stepStripes', title, 'Only matrices have rows and columns.');
  const lanes = axis === 'row' ? stripes.rows : stripes.columns;
  const all = lanes.flat();
  const min = all.reduce((low, value) => Math.min(low, value), Infinity);
  const max = all.reduce((high, value) => Math.max(high, value), -Infinity);
  const labels = steps.map(({ step, label }) => step?.toString() ?? label);
  const range = `${name}, from ${formatShare(min)} to ${formatShare(max)}`;
  const model: ChartModel = {
    id: 'stepStripes',
    title,
    definition: `${range}. ${directionDefinitions.stripes}`,
    description: `${range}; ${labels.length} checkpoints of ${lanes[0]?.length ?? 0} bands. Copy data gives every band.`,
    x: { label: axis === 'row' ? 'row' : 'column', kind: 'linear', unit: 'share', min: 0, max: 1 },
    y: { label: 'step', kind: 'category', unit: 'index', categories: labels },
    horizontal: false,
    series: lanes.map((values, at) => ({ mark: 'stripe', label: labels[at] ?? '', values })),
    references: stripes.heads?.axis === axis ? headBoundaries(stripes.heads.count) : [],
    densityRange: { min, max },
    table: {
      columns: ['step', ...(lanes[0] ?? []).map((_, band) => `band ${band + 1}`)],
      rows: lanes.map((values, at) => [labels[at] ?? '', ...values]),
    },
  };
  return { model, reason: null };
}

function headBoundaries(count: number): ChartReference[] {
  return Array.from({ length: count - 1 }, (_, head) => ({
    axis: 'x' as const,
    value: (head + 1) / count,
    label: head === 0 ? `${count} heads` : '',
  }));
}
