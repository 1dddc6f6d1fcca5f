// How far the changed weights moved, in representable bf16 values, beside a random update of the same size.
import { formatShare } from '../../../src/shared/text/format.ts';
import type { UlpHistogram } from '../../../src/shared/report/metrics.ts';
import { histogramTotal } from '../metrics/expected.ts';
import type { Subject } from '../state/subject.ts';
import { absent, type ChartSlot } from '../../parts/charts/model.ts';

const bins = [
  ['one', '1'],
  ['two', '2'],
  ['threeToFour', '3–4'],
  ['fiveToEight', '5–8'],
  ['nineToSixteen', '9–16'],
  ['overSixteen', '> 16'],
  ['signFlips', 'sign'],
] as const;

export function ulpChart({ ulp, ulpExpected, counts, precisionReason }: Subject): ChartSlot {
  const title = 'Size of the steps';
  if (ulp === null || counts === null) return absent('ulp', title, precisionReason ?? 'Not measured.');
  if (histogramTotal(ulp) === 0) return absent('ulp', title, 'No weight changed in bf16.');
  const shares = sharesOf(ulp);
  const random = ulpExpected === null || histogramTotal(ulpExpected) === 0 ? null : sharesOf(ulpExpected);
  return {
    model: {
      id: 'ulp',
      title,
      definition: 'Changed weights by how many representable bf16 values they moved; sign changes apart.',
      description: bins
        .map(([, label], index) => {
          const beside = random === null ? '' : ` (random update ${formatShare(random[index] ?? null)})`;
          const name = label === 'sign' ? 'sign changes' : `${label} steps`;
          return `${name} ${formatShare(shares[index] ?? null)}${beside}`;
        })
        .join(', '),
      x: { label: 'bf16 steps', kind: 'category', unit: 'index', categories: bins.map(([, label]) => label) },
      y: { label: 'of changed weights', kind: 'linear', unit: 'share', min: 0 },
      horizontal: false,
      series: [
        {
          mark: 'bar',
          label: random === null ? 'share of changed weights' : 'measured',
          color: 'changed',
          values: shares,
        },
        ...(random === null
          ? []
          : [{ mark: 'bar' as const, label: 'random update', color: 'random' as const, values: random }]),
      ],
      references: [],
      densityRange: null,
      table: {
        columns: ['bf16 steps', 'weights', 'share of changed', 'share in a random update'],
        rows: bins.map(([key, label], index) => [
          label,
          ulp[key],
          shares[index] ?? null,
          random?.[index] ?? null,
        ]),
      },
    },
    reason: null,
  };
}

function sharesOf(histogram: UlpHistogram): number[] {
  const total = histogramTotal(histogram);
  return bins.map(([key]) => histogram[key] / total);
}
