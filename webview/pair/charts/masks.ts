// Where the changed weights sit, beside a random update of the same size: the mask overlaps, and the energy in the subspaces.
import { formatLift, formatShare } from '../../../src/shared/text/format.ts';
import type { MaskCounts } from '../../../src/shared/report/metrics.ts';
import type { PanelTensor } from '../../../src/shared/protocol/panelReport.ts';
import type { Subject } from '../state/subject.ts';
import { absent, type ChartSlot } from '../../parts/charts/model.ts';

const masks = [
  ['principal', 'principal'],
  ['lowMagnitude', 'low magnitude'],
  ['principalNotLow', 'principal, not low'],
  ['lowNotPrincipal', 'low, not principal'],
  ['nonPrincipalOrLow', 'low or not principal'],
] as const;

export function masksChart({ masks: counts, geometryReason }: Subject): ChartSlot {
  const title = 'Which weights changed';
  if (counts === null) return absent('masks', title, geometryReason ?? 'Not measured.');
  if (counts.changed === 0) return absent('masks', title, 'No weight changed in bf16.');
  if (counts.changed === counts.elements)
    return absent('masks', title, 'Every weight changed, so no set stands out.');
  const found = masks.map(([key, label]) => ({ label, ...overlapOf(counts, key) }));
  // Where the null is not known, chance alone stands in its place.
  const known = found.every(({ expected }) => expected !== null);
  const [name, color] = known ? (['random update', 'random'] as const) : (['by chance', 'neutral'] as const);
  const bars = found.map((each) => ({ ...each, beside: each.expected ?? each.random }));
  return {
    model: {
      id: 'masks',
      title,
      definition: known
        ? 'Share of the changed weights inside each set, beside a random update of this size; × is over chance.'
        : 'Share of the changed weights inside each set, beside what chance would put there; × is their ratio.',
      description: bars
        .map(({ label, overlap, beside, lift }) => {
          const against = `${formatShare(overlap)} against ${formatShare(beside)} ${known ? 'in a random update' : name}`;
          return `${label}: ${against} (${formatLift(lift)})`;
        })
        .join('; '),
      x: { label: 'share of changed weights', kind: 'linear', unit: 'share', min: 0 },
      y: {
        label: '',
        kind: 'category',
        unit: 'index',
        categories: bars.map(({ label, lift }) => `${label}  ${formatLift(lift)}`),
      },
      horizontal: true,
      series: [
        { mark: 'bar', label: 'measured', color: 'changed', values: bars.map(({ overlap }) => overlap) },
        { mark: 'bar', label: name, color, values: bars.map(({ beside }) => beside) },
      ],
      references: [],
      densityRange: null,
      table: {
        columns: ['set', 'overlap', 'random update', 'by chance', 'lift'],
        rows: bars.map(({ label, overlap, expected, random, lift }) => [
          label,
          overlap,
          expected,
          random,
          lift,
        ]),
      },
    },
    reason: null,
  };
}

export function energyChart(tensor: PanelTensor): ChartSlot {
  const title = 'Energy in the leading subspaces';
  const geometry = tensor.geometry.value;
  if (geometry === null) return absent('energy', title, tensor.geometry.reason);
  if (geometry.principalEnergy === null) return absent('energy', title, 'The update is zero.');
  const rows: [string, number | null, number][] = [
    ['both', geometry.principalEnergy, geometry.principalEnergyExpected],
    ['left', geometry.leftEnergy, geometry.leftEnergyExpected],
    ['right', geometry.rightEnergy, geometry.rightEnergyExpected],
  ];
  return {
    model: {
      id: 'energy',
      short: true,
      title,
      definition:
        "Share of the update's energy in the leading subspaces, beside a random update: k²/mn, k/m, k/n.",
      description: rows
        .map(
          ([label, energy, random]) =>
            `${label}: ${formatShare(energy)} against ${formatShare(random)} in a random update`,
        )
        .join('; '),
      x: { label: 'share of ‖Δ‖²', kind: 'linear', unit: 'share', min: 0 },
      y: { label: '', kind: 'category', unit: 'index', categories: rows.map(([label]) => label) },
      horizontal: true,
      series: [
        { mark: 'bar', label: 'measured', color: 'changed', values: rows.map(([, energy]) => energy) },
        { mark: 'bar', label: 'random update', color: 'random', values: rows.map(([, , random]) => random) },
      ],
      references: [],
      densityRange: null,
      table: { columns: ['subspace', 'energy', 'random update'], rows },
    },
    reason: null,
  };
}

interface Overlap {
  overlap: number;
  /** In a random update of this size; null where that is not known. */
  expected: number | null;
  /** By chance alone: the set's share of the elements. */
  random: number;
  lift: number | null;
}

function overlapOf(counts: MaskCounts, key: (typeof masks)[number][0]): Overlap {
  const { size, changed, changedExpected } = counts[key];
  const all = counts.changedExpected;
  const expected = changedExpected === null || all === null || all === 0 ? null : changedExpected / all;
  const overlap = changed / counts.changed;
  const random = size / counts.elements;
  return { overlap, expected, random, lift: random > 0 ? overlap / random : null };
}
