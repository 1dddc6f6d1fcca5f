// Every number that the panel shows by name: its label, unit, definition, source, axis, how it is pooled and its null.
// A pool adds counts and energies and then divides: never a mean of ratios.
import { formatDegrees, formatLift, formatNumber, formatShare } from '../../src/shared/text/format.ts';
import type { AnchorMetrics, PrecisionMetrics } from '../../src/shared/report/metrics.ts';
import type { PanelGeometry, PanelTensor } from '../../src/shared/protocol/panelReport.ts';
import {
  expectedEnergy,
  expectedLift,
  expectedOneStep,
  expectedRotation,
  expectedSparsity,
  expectedSpectralDrift,
} from './expected.ts';
import type { BeyondId, MetricDefinition, MetricId } from './metric.ts';
import { overRandom } from './overRandom.ts';
import type { Scale } from './scale.ts';

const paper = 'Zhu et al., arXiv 2511.08567';
const share: Scale = { kind: 'linear', min: 0, max: 1 };

const ratio = ([top = 0, bottom = 0]: readonly number[]): number | null => (bottom > 0 ? top / bottom : null);
const rootRatio = (sums: readonly number[]): number | null => {
  const squared = ratio(sums);
  return squared === null ? null : Math.sqrt(squared);
};
const liftOf = ([hit = 0, size = 0, changed = 0, all = 0]: readonly number[]): number | null =>
  size > 0 && changed > 0 && changed < all ? hit / size / (changed / all) : null;

const ofPrecision = (parts: (precision: PrecisionMetrics) => number[] | null) => (tensor: PanelTensor) =>
  tensor.precision.value && parts(tensor.precision.value);
const ofAnchor = (parts: (anchor: AnchorMetrics) => number[] | null) => (tensor: PanelTensor) =>
  tensor.anchor.value && parts(tensor.anchor.value);
const ofGeometry = (parts: (geometry: PanelGeometry) => number[] | null) => (tensor: PanelTensor) =>
  tensor.geometry.value && parts(tensor.geometry.value);

function maskParts(set: 'principal' | 'lowMagnitude'): (geometry: PanelGeometry) => number[] {
  return ({ maskCounts }) => [
    maskCounts[set].changed,
    maskCounts[set].size,
    maskCounts.changed,
    maskCounts.elements,
  ];
}

/** Mean principal angle of a matrix over its left and right subspaces, degrees. */
function rotationOf(geometry: PanelGeometry): number {
  return (geometry.rotationLeftMeanDeg + geometry.rotationRightMeanDeg) / 2;
}

const definitions: readonly MetricDefinition[] = [
  {
    id: 'sparsityBf16',
    gate: 'precision',
    label: 'Unchanged in bf16',
    short: 'unchanged',
    unit: '% of weights',
    definition: 'Share of weights whose bf16 value did not move, at a relative tolerance of 1e-3.',
    source: `${paper}, Def. 2.1–2.2`,
    scale: share,
    format: formatShare,
    parts: ofPrecision(({ counts }) => [counts.compared - counts.changedBf16, counts.compared]),
    finish: ratio,
    ofPool: (pool) => pool.precision.value?.sparsityBf16 ?? null,
    expected: expectedSparsity,
  },
  {
    id: 'oneStepShare',
    gate: 'precision',
    label: 'Single bf16 steps',
    short: '1-step',
    unit: '% of changed weights',
    definition: 'Of the changed weights, the share that moved by exactly one representable bf16 value.',
    source: paper,
    scale: share,
    format: formatShare,
    parts: ofPrecision(({ ulpHistogram, counts }) => [ulpHistogram.one, counts.changedBf16]),
    finish: ratio,
    ofPool: ({ precision: { value } }) => value && ratio([value.ulpHistogram.one, value.counts.changedBf16]),
    expected: expectedOneStep,
  },
  {
    id: 'hiddenByBf16',
    gate: 'precision',
    label: 'Hidden by bf16',
    short: 'hidden',
    unit: '% of changes as stored',
    definition: 'Of the weights that differ as stored, the share that bf16 rounding hides.',
    source: paper,
    scale: share,
    format: formatShare,
    parts: ofPrecision(({ counts }) => [counts.hidden, counts.rawChanged]),
    finish: ratio,
    ofPool: (pool) => pool.precision.value?.hiddenByBf16 ?? null,
  },
  {
    id: 'unchangedAbs1e5',
    gate: 'precision',
    label: 'Within 1e-5 absolute',
    short: '≤ 1e-5',
    unit: '% of weights',
    definition: 'Share with |ŵ − w| ≤ 1e-5: only to compare with other tools, it miscounts small weights.',
    source: 'Mukherjee et al., arXiv 2505.11711',
    scale: share,
    format: formatShare,
    parts: ofPrecision(({ counts }) => [counts.unchangedAbs1e5, counts.compared]),
    finish: ratio,
    ofPool: (pool) => pool.precision.value?.unchangedAbs1e5 ?? null,
  },
  {
    id: 'absorbedShare',
    gate: 'precision',
    label: 'Absorbed steps',
    short: 'absorbed',
    unit: '% of weights',
    definition:
      'Share of weights whose half bf16 step exceeds the peak learning rate: one Adam step is lost there if weights are kept in bf16.',
    source: `${paper}, Gate III`,
    scale: share,
    format: formatShare,
    parts: ofPrecision(({ counts }) =>
      counts.absorbed === null ? null : [counts.absorbed, counts.compared],
    ),
    finish: ratio,
    ofPool: (pool) => pool.precision.value?.absorbedShare ?? null,
  },
  {
    id: 'relativeDrift',
    gate: 'anchor',
    label: 'Relative drift',
    short: 'drift',
    unit: '‖Δ‖/‖W‖',
    definition: 'Frobenius norm of the update over that of the base weights.',
    source: `${paper}, Gate I; thresholds are this tool's`,
    scale: { kind: 'log', min: 1e-5, max: 1 },
    format: formatNumber,
    parts: ofAnchor(({ deltaFrobenius, baseFrobenius }) => [deltaFrobenius ** 2, baseFrobenius ** 2]),
    finish: rootRatio,
    ofPool: (pool) => pool.anchor.value?.relativeDrift ?? null,
  },
  {
    id: 'topPercentEnergy',
    gate: 'anchor',
    label: 'Energy of the top 1 %',
    short: 'top 1 %',
    unit: '% of ‖Δ‖²',
    definition: "Share of the update's energy in the 1 % of elements that moved most.",
    source: 'this tool',
    scale: share,
    format: formatShare,
    parts: ofAnchor(({ topPercentEnergy, deltaFrobenius }) =>
      topPercentEnergy === null ? null : [topPercentEnergy * deltaFrobenius ** 2, deltaFrobenius ** 2],
    ),
    finish: ratio,
    ofPool: (pool) => pool.anchor.value?.topPercentEnergy ?? null,
  },
  {
    id: 'spectralDriftTopK',
    gate: 'geometry',
    label: 'Spectral drift',
    short: 'σ drift',
    unit: '‖σ̂−σ‖/‖σ‖',
    definition: 'Change of the k leading singular values, relative to their norm.',
    source: 'arXiv 2606.07082, after Zhu et al.',
    scale: { kind: 'log', min: 1e-6, max: 0.1 },
    format: formatNumber,
    parts: ofGeometry(({ sigmaNorm, spectralDriftTopK }) =>
      spectralDriftTopK === null ? null : [(spectralDriftTopK * sigmaNorm) ** 2, sigmaNorm ** 2],
    ),
    // The errors of all matrices together are a vector, like their drifts: its norm bounds the pool's error.
    errorParts: ofGeometry(({ sigmaNorm, spectralDriftTopKError: error }) =>
      error === null ? null : [(error * sigmaNorm) ** 2, sigmaNorm ** 2],
    ),
    finish: rootRatio,
    ofPool: (pool) => pool.geometry.value?.spectralDriftTopK ?? null,
    expected: expectedSpectralDrift,
  },
  {
    id: 'rotationMeanDeg',
    gate: 'geometry',
    label: 'Mean rotation',
    short: 'rotation',
    unit: 'degrees',
    definition: 'Mean principal angle between the k-dimensional leading subspaces of base and tuned.',
    source: 'arXiv 2606.07082; angles after Björck & Golub 1973',
    scale: { kind: 'log', min: 0.01, max: 90 },
    format: formatDegrees,
    parts: (tensor) =>
      tensor.geometry.value && [rotationOf(tensor.geometry.value) * tensor.elements, tensor.elements],
    // No angle errs by more than the largest one may.
    errorParts: (tensor) =>
      tensor.geometry.value && [tensor.geometry.value.rotationErrorDeg * tensor.elements, tensor.elements],
    finish: ratio,
    ofPool: (pool) => pool.geometry.value?.rotationMeanDeg ?? null,
    expected: expectedRotation,
  },
  {
    id: 'principalLift',
    gate: 'geometry',
    label: 'Principal lift',
    short: 'principal',
    unit: '× random',
    definition:
      'How often principal weights changed, over chance: ×1 is random, below it updates keep off the principals.',
    source: `${paper}; principal weights as in LIFT, arXiv 2506.00772`,
    scale: { kind: 'linear', min: 0, max: 2 },
    format: formatLift,
    parts: ofGeometry(maskParts('principal')),
    finish: liftOf,
    ofPool: (pool) => pool.geometry.value?.principalLift ?? null,
    expected: expectedLift('principal', 'principalLiftExpected'),
  },
  {
    id: 'lowMagnitudeLift',
    gate: 'geometry',
    label: 'Low-magnitude lift',
    short: 'low-mag.',
    unit: '× random',
    definition:
      'How often the smallest weights changed, over chance: ×1 is random, above it updates prefer them.',
    source: paper,
    scale: { kind: 'linear', min: 0.5, max: 3.5 },
    format: formatLift,
    parts: ofGeometry(maskParts('lowMagnitude')),
    finish: liftOf,
    ofPool: (pool) => pool.geometry.value?.lowMagnitudeLift ?? null,
    expected: expectedLift('lowMagnitude', 'lowMagnitudeLiftExpected'),
  },
  {
    id: 'principalEnergy',
    gate: 'geometry',
    label: 'Principal energy',
    short: 'princ. energy',
    unit: '% of ‖Δ‖²',
    definition: 'Share of the update that lies in both leading subspaces; random would be k²/mn.',
    source: paper,
    scale: { kind: 'log', min: 1e-4, max: 1 },
    format: formatShare,
    parts: (tensor: PanelTensor): number[] | null => {
      const energy = tensor.geometry.value?.principalEnergy;
      const size = tensor.anchor.value?.deltaFrobenius;
      return typeof energy === 'number' && size !== undefined ? [energy * size ** 2, size ** 2] : null;
    },
    finish: ratio,
    ofPool: (pool) => pool.geometry.value?.principalEnergy ?? null,
    expected: expectedEnergy,
  },
];

/** Measured numbers. */
export const metricDefinitions = definitions;

/** What is left of them beyond the size of the update. */
export const beyondDefinitions: readonly MetricDefinition[] = definitions.flatMap(overRandom);

const byId: ReadonlyMap<string, MetricDefinition> = new Map(
  [...definitions, ...beyondDefinitions].map((metric) => [metric.id, metric]),
);

/** The definition behind a metric field name, or null for one the panel does not know. */
export function metricNamed(id: string): MetricDefinition | null {
  return byId.get(id) ?? null;
}

/** A known metric's definition. */
export function metricOf(id: MetricId | BeyondId): MetricDefinition {
  const found = byId.get(id);
  if (found === undefined) throw new RangeError(`No metric ${id}`);
  return found;
}
