// A report as CSV (RFC 4180): one row per tensor at full precision, the metrics' own names in the first row.
// An absent number is an empty cell, one below its own error bound the words "below resolution".
import type { NullRange, UlpHistogram } from '../report/metrics.ts';
import type { SyncCost } from '../report/syncCost.ts';
import type { Report, TensorReport } from '../report/report.ts';
import { belowResolution, isBelowResolution, tensorErrors } from '../report/resolution.ts';
import { csvText, type CsvCell } from './csvText.ts';

type Column = readonly [string, (tensor: TensorReport) => CsvCell];

function precision(
  name:
    | 'sparsityBf16'
    | 'sparsityBf16Expected'
    | 'rawChanged'
    | 'hiddenByBf16'
    | 'unchangedAbs1e5'
    | 'absorbedShare',
): Column {
  return [name, (tensor) => tensor.precision.value?.[name] ?? null];
}

/** A bin of the measured histogram, or of the null's. */
function ulp(of: 'ulpHistogram' | 'ulpHistogramExpected', bin: keyof UlpHistogram): Column {
  return [`${of}.${bin}`, (tensor) => tensor.precision.value?.[of]?.[bin] ?? null];
}

/** Mean and 5–95 % range under the null. */
function nullColumns(name: (typeof rangeNames)[number]): Column[] {
  const part =
    (of: keyof NullRange) =>
    ({ geometry: { value } }: TensorReport): CsvCell =>
      value?.[name]?.[of] ?? null;
  return [
    [name, part('mean')],
    [`${name}Low`, part('low')],
    [`${name}High`, part('high')],
  ];
}

/** The word for a number beside its null. */
function beyond(gate: 'geometry' | 'precision', metric: string): Column {
  const word = ({ verdicts }: TensorReport): CsvCell =>
    verdicts[gate].beyondSize?.readings.find((each) => each.metric === metric)?.word ?? null;
  return [`${metric}Beyond`, word];
}

function stripe(name: 'rowStripe' | 'columnStripe'): Column {
  return [name, (tensor) => tensor.precision.value?.stripe?.[name] ?? null];
}

function geometry(name: (typeof geometryNames)[number]): Column {
  return [
    name,
    ({ geometry: { value } }) => {
      if (value === null) return null;
      return isBelowResolution(value[name], tensorErrors(value)[name]) ? belowResolution : value[name];
    },
  ];
}

const anchorNames = [
  'relativeDrift',
  'deltaFrobenius',
  'baseFrobenius',
  'maxAbsDelta',
  'rmsDelta',
  'topPercentEnergy',
] as const;

const geometryNames = [
  'rank',
  'matrices',
  'spectralDriftTopK',
  'spectralDriftTopKError',
  'spectralDriftFull',
  'spectralDriftBound',
  'rotationLeftMeanDeg',
  'rotationLeftMaxDeg',
  'rotationRightMeanDeg',
  'rotationRightMaxDeg',
  'rotationErrorDeg',
  'gap',
  'wedinBound',
  'principalLift',
  'lowMagnitudeLift',
  'principalNotLowLift',
  'lowNotPrincipalLift',
  'nonPrincipalOrLowLift',
  'principalLiftExpected',
  'lowMagnitudeLiftExpected',
  'principalNotLowLiftExpected',
  'lowNotPrincipalLiftExpected',
  'nonPrincipalOrLowLiftExpected',
  'principalEnergy',
  'principalEnergyExpected',
  'leftEnergy',
  'leftEnergyExpected',
  'rightEnergy',
  'rightEnergyExpected',
  'spectralEnergyRatio',
  'deltaSpectralNorm',
  'deltaStableRank',
  'residual',
] as const;

const rangeNames = [
  'rotationLeftMeanExpectedDeg',
  'rotationRightMeanExpectedDeg',
  'rotationMeanExpectedDeg',
  'spectralDriftTopKExpected',
] as const;

const ulpBins: readonly (keyof UlpHistogram)[] = [
  'one',
  'two',
  'threeToFour',
  'fiveToEight',
  'nineToSixteen',
  'overSixteen',
  'signFlips',
];

const beyondColumns: readonly Column[] = [
  beyond('precision', 'sparsityBf16'),
  beyond('geometry', 'rotationMeanDeg'),
  beyond('geometry', 'spectralDriftTopK'),
  beyond('geometry', 'principalLift'),
  beyond('geometry', 'lowMagnitudeLift'),
  beyond('geometry', 'principalEnergy'),
];

const alignmentNames = [
  'rowEnergy',
  'rowEnergyExpected',
  'columnEnergy',
  'columnEnergyExpected',
  'rowLeading',
  'rowTrailing',
  'rowSubspaceExpected',
  'columnLeading',
  'columnTrailing',
  'columnSubspaceExpected',
] as const;

const syncNames = [
  'dense',
  'changed',
  'indices',
  'gaps',
  'varints',
  'bitmap',
] as const satisfies (keyof SyncCost)[];

const columns: readonly Column[] = [
  ['name', ({ name }) => name],
  ['tunedName', ({ tunedName }) => tunedName],
  ['container', ({ container }) => container],
  ['layer', ({ layer }) => layer],
  ['module', ({ module }) => module],
  ['shape', ({ shape }) => shape.join('x')],
  ['baseDtype', ({ dtypes }) => dtypes[0]],
  ['tunedDtype', ({ dtypes }) => dtypes[1]],
  ['elements', ({ elements }) => elements],
  ['status', ({ status }) => status],
  ['identical', ({ identical }) => identical],
  ['rounding', ({ rounding }) => rounding?.kind ?? null],
  ['anchor', ({ verdicts }) => verdicts.anchor.verdict],
  ['geometry', ({ verdicts }) => verdicts.geometry.verdict],
  ['precision', ({ verdicts }) => verdicts.precision.verdict],
  ['nonFinite', (tensor) => tensor.precision.value?.counts.nonFinite ?? null],
  precision('sparsityBf16'),
  precision('sparsityBf16Expected'),
  precision('rawChanged'),
  precision('hiddenByBf16'),
  precision('unchangedAbs1e5'),
  precision('absorbedShare'),
  ...ulpBins.map((bin) => ulp('ulpHistogram', bin)),
  ...ulpBins.map((bin) => ulp('ulpHistogramExpected', bin)),
  stripe('rowStripe'),
  stripe('columnStripe'),
  ...anchorNames.map((name): Column => [name, ({ anchor }) => anchor.value?.[name] ?? null]),
  ...geometryNames.map(geometry),
  ...rangeNames.flatMap(nullColumns),
  ['nullReason', (tensor) => tensor.geometry.value?.nullReason ?? null],
  ...beyondColumns,
  ['adapterMethod', ({ adapter }) => adapter?.method ?? null],
  ['adapterRank', ({ adapter }) => adapter?.rank ?? null],
  ['adapterScaling', ({ adapter }) => adapter?.scaling ?? null],
  ['adapterCorrection', ({ adapter }) => adapter?.correction ?? null],
  ['absorbedOnMerge', ({ adapter }) => adapter?.absorbedOnMerge ?? null],
  ...alignmentNames.map((name): Column => [name, ({ adapter }) => adapter?.alignment?.[name] ?? null]),
  ...syncNames.map((name): Column => [`sync.${name}`, ({ sync }) => sync?.value?.[name] ?? null]),
  ['problem', ({ problem }) => problem?.message ?? null],
];

export function reportCsv({ tensors }: Report): string {
  const head = columns.map(([name]) => name);
  return csvText([head, ...tensors.map((tensor) => columns.map(([, value]) => value(tensor)))]);
}
