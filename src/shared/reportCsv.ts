// A report as CSV (RFC 4180): one row per tensor at full precision, the metrics' own names in the first row.
// An absent number is an empty cell, one below its own error bound the words "below resolution".
import type { Report, TensorReport } from './report.ts';
import { belowResolution, isBelowResolution, tensorErrors } from './resolution.ts';

type Cell = string | number | boolean | null;
type Column = readonly [string, (tensor: TensorReport) => Cell];

function precision(
  name: 'sparsityBf16' | 'rawChanged' | 'hiddenByBf16' | 'unchangedAbs1e5' | 'absorbedShare',
): Column {
  return [name, (tensor) => tensor.precision.value?.[name] ?? null];
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
  'principalEnergy',
  'leftEnergy',
  'rightEnergy',
  'deltaSpectralNorm',
  'deltaStableRank',
  'residual',
] as const;

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
  ['anchor', ({ verdicts }) => verdicts.anchor.verdict],
  ['geometry', ({ verdicts }) => verdicts.geometry.verdict],
  ['precision', ({ verdicts }) => verdicts.precision.verdict],
  ['nonFinite', (tensor) => tensor.precision.value?.counts.nonFinite ?? null],
  precision('sparsityBf16'),
  precision('rawChanged'),
  precision('hiddenByBf16'),
  precision('unchangedAbs1e5'),
  precision('absorbedShare'),
  stripe('rowStripe'),
  stripe('columnStripe'),
  ...anchorNames.map((name): Column => [name, ({ anchor }) => anchor.value?.[name] ?? null]),
  ...geometryNames.map(geometry),
  ['adapterMethod', ({ adapter }) => adapter?.method ?? null],
  ['adapterRank', ({ adapter }) => adapter?.rank ?? null],
  ['adapterScaling', ({ adapter }) => adapter?.scaling ?? null],
  ['adapterCorrection', ({ adapter }) => adapter?.correction ?? null],
  ['absorbedOnMerge', ({ adapter }) => adapter?.absorbedOnMerge ?? null],
  ...alignmentNames.map((name): Column => [name, ({ adapter }) => adapter?.alignment?.[name] ?? null]),
  ['problem', ({ problem }) => problem?.message ?? null],
];

export function reportCsv({ tensors }: Report): string {
  const head = columns.map(([name]) => name);
  const rows = tensors.map((tensor) => columns.map(([, value]) => cell(value(tensor))));
  return [head, ...rows].map((row) => `${row.join(',')}\r\n`).join('');
}

function cell(value: Cell): string {
  if (value === null) return '';
  if (typeof value !== 'string') return String(value);
  // A leading = + - @ would be a formula to a spreadsheet, and tensor names come from a file.
  const text = /^[=+\-@\t]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
