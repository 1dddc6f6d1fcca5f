// Where the changed weights sit, beside what chance would give: the mask overlaps, and the energy in the subspaces.
import { formatLift, formatShare } from '../../src/shared/format.ts';
import type { MaskCounts } from '../../src/shared/metrics.ts';
import type { PanelTensor } from '../../src/shared/panelReport.ts';
import type { Subject } from '../state/subject.ts';
import { absent, type ChartSlot } from './model.ts';

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
  return {
    model: {
      id: 'masks',
      title,
      definition:
        'Share of the changed weights inside each set, beside what chance would put there; × is their ratio.',
      description: found
        .map(({ label, overlap, random, lift }) => {
          const beside = `${formatShare(overlap)} against ${formatShare(random)} by chance`;
          return `${label}: ${beside} (${formatLift(lift)})`;
        })
        .join('; '),
      x: { label: 'share of changed weights', kind: 'linear', unit: 'share', min: 0 },
      y: {
        label: '',
        kind: 'category',
        unit: 'index',
        categories: found.map(({ label, lift }) => `${label}  ${formatLift(lift)}`),
      },
      horizontal: true,
      series: [
        { mark: 'bar', label: 'measured', color: 'changed', values: found.map(({ overlap }) => overlap) },
        { mark: 'bar', label: 'by chance', color: 'neutral', values: found.map(({ random }) => random) },
      ],
      references: [],
      densityRange: null,
      table: {
        columns: ['set', 'overlap', 'by chance', 'lift'],
        rows: found.map(({ label, overlap, random, lift }) => [label, overlap, random, lift]),
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
      title,
      definition:
        "Share of the update's energy in the leading subspaces, beside an update with no direction.",
      description: rows
        .map(
          ([label, energy, random]) =>
            `${label}: ${formatShare(energy)} against ${formatShare(random)} by chance`,
        )
        .join('; '),
      x: { label: 'share of ‖Δ‖²', kind: 'linear', unit: 'share', min: 0 },
      y: { label: '', kind: 'category', unit: 'index', categories: rows.map(([label]) => label) },
      horizontal: true,
      series: [
        { mark: 'bar', label: 'measured', color: 'changed', values: rows.map(([, energy]) => energy) },
        { mark: 'bar', label: 'by chance', color: 'neutral', values: rows.map(([, , random]) => random) },
      ],
      references: [],
      densityRange: null,
      table: { columns: ['subspace', 'energy', 'by chance'], rows },
    },
    reason: null,
  };
}

interface Overlap {
  overlap: number;
  random: number;
  lift: number | null;
}

function overlapOf(counts: MaskCounts, key: (typeof masks)[number][0]): Overlap {
  const { size, changed } = counts[key];
  const overlap = changed / counts.changed;
  const random = size / counts.elements;
  return { overlap, random, lift: random > 0 ? overlap / random : null };
}
