// A report as CSV: one row per tensor, full precision, a header row of metric names. Text cells are quoted; an absent
// number is an empty cell.
import type { Report, TensorReport } from '../../shared/report.ts';

type Cell = string | number | boolean | null;

const columns: readonly [string, (tensor: TensorReport) => Cell][] = [
  ['name', ({ name }) => name],
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
  ['sparsityBf16', ({ precision }) => precision.value?.sparsityBf16 ?? null],
  ['rawChanged', ({ precision }) => precision.value?.rawChanged ?? null],
  ['hiddenByBf16', ({ precision }) => precision.value?.hiddenByBf16 ?? null],
  ['unchangedAbs1e5', ({ precision }) => precision.value?.unchangedAbs1e5 ?? null],
  ['absorbedShare', ({ precision }) => precision.value?.absorbedShare ?? null],
  ['rowStripe', ({ precision }) => precision.value?.stripe?.rowStripe ?? null],
  ['columnStripe', ({ precision }) => precision.value?.stripe?.columnStripe ?? null],
  ['relativeDrift', ({ anchor }) => anchor.value?.relativeDrift ?? null],
  ['deltaFrobenius', ({ anchor }) => anchor.value?.deltaFrobenius ?? null],
  ['baseFrobenius', ({ anchor }) => anchor.value?.baseFrobenius ?? null],
  ['maxAbsDelta', ({ anchor }) => anchor.value?.maxAbsDelta ?? null],
  ['rmsDelta', ({ anchor }) => anchor.value?.rmsDelta ?? null],
  ['topPercentEnergy', ({ anchor }) => anchor.value?.topPercentEnergy ?? null],
  ['rank', ({ geometry }) => geometry.value?.rank ?? null],
  ['spectralDriftTopK', ({ geometry }) => geometry.value?.spectralDriftTopK ?? null],
  ['spectralDriftBound', ({ geometry }) => geometry.value?.spectralDriftBound ?? null],
  ['rotationLeftMeanDeg', ({ geometry }) => geometry.value?.rotationLeftMeanDeg ?? null],
  ['rotationRightMeanDeg', ({ geometry }) => geometry.value?.rotationRightMeanDeg ?? null],
  ['rotationErrorDeg', ({ geometry }) => geometry.value?.rotationErrorDeg ?? null],
  ['principalLift', ({ geometry }) => geometry.value?.principalLift ?? null],
  ['lowMagnitudeLift', ({ geometry }) => geometry.value?.lowMagnitudeLift ?? null],
  ['principalEnergy', ({ geometry }) => geometry.value?.principalEnergy ?? null],
  ['deltaStableRank', ({ geometry }) => geometry.value?.deltaStableRank ?? null],
  ['residual', ({ geometry }) => geometry.value?.residual ?? null],
  ['problem', ({ problem }) => problem?.message ?? null],
];

export function reportCsv(report: Report): string {
  const rows = report.tensors.map((tensor) => columns.map(([, value]) => cell(value(tensor))).join(','));
  return `${[columns.map(([name]) => name).join(','), ...rows].join('\r\n')}\r\n`;
}

function cell(value: Cell): string {
  if (value === null) return '';
  if (typeof value !== 'string') return String(value);
  // A leading = + - @ would be a formula to a spreadsheet, and tensor names come from a file.
  const text = /^[=+\-@\t]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
