// Gate II over many matrices: energies and counts are added and then divided, never averaged as ratios; rotation is
// the mean over matrices weighted by their parameters. Matrices whose sides are equal rotate by 0° and count with it;
// they have no changed element to locate and no decomposition, so lifts and spectral drift rest on those that changed.
import type { GeometryMetrics, GeometryPool, MaskCounts, NullGeometry } from '../../shared/report/metrics.ts';
import type { Measured } from '../../shared/report/report.ts';
import type { MeasuredMatrix } from '../gates/geometry.ts';
import { addMaskCounts } from '../../shared/report/addMaskCounts.ts';
import { maskMetrics } from '../gates/masks.ts';
import { drawCount, noNull, rangeOf, rotationsUnderNull, type NullDraws } from '../gates/nullGeometry.ts';
import { absent, measured } from './measured.ts';

/** What pools: the sums of one matrix, of a tensor, or of a pool. Energies inside and expected refer to ‖Δ‖²_F. */
export interface GeometrySums {
  matrices: number;
  decomposed: number;
  elements: number;
  sigmaDifference: number;
  sigmaEnergy: number;
  /** Squares of the bounds on the errors of Σ(σ̂−σ)²'s parts; null once a part has no bound. */
  sigmaErrors: number | null;
  deltaEnergy: number;
  baseEnergy: number;
  weightedRotation: number;
  rotationMaxDeg: number;
  weightedRotationError: number;
  rotationMaxErrorDeg: number;
  residual: number;
  principal: number;
  left: number;
  right: number;
  principalExpected: number;
  leftExpected: number;
  rightExpected: number;
  /** Σ spectralEnergyRatio·‖Δ‖²·k/mn: pools over the same sum of ‖Δ‖²·k/mn. */
  diagonal: number;
  diagonalExpected: number;
  masks: MaskCounts;
  beside: BesideNull;
}

/** Sums over the matrices that have a size-matched null, draw by draw beside what was measured of the same matrices. */
interface BesideNull {
  /** Elements of those and of equal matrices, which a random update of no size leaves as they are, too. */
  elements: number;
  weightedRotation: number;
  rotationDraws: Float64Array;
  sigmaDifference: number;
  sigmaEnergy: number;
  driftDraws: Float64Array;
  /** Why one has none. */
  reason: string | null;
}

/** Of `count` matrices whose two sides are equal. */
export function equalSums(elements: number, count: number): GeometrySums {
  const none = sumGeometry([]);
  return { ...none, matrices: count, elements, beside: { ...none.beside, elements } };
}

export function matrixSums(measuredMatrix: MeasuredMatrix): GeometrySums {
  const { metrics, elements, deltaEnergy, baseEnergy, draws } = measuredMatrix;
  let sigmaDifference = 0;
  let sigmaEnergy = 0;
  for (const [index, sigma] of metrics.sigmaBase.entries()) {
    sigmaDifference += ((metrics.sigmaTuned[index] ?? 0) - sigma) ** 2;
    sigmaEnergy += sigma ** 2;
  }
  const { spectralDriftTopKError: error, rotationErrorDeg } = metrics;
  const isotropicDiagonal = (deltaEnergy * metrics.rank) / elements;
  const weightedRotation = (elements * (metrics.rotationLeftMeanDeg + metrics.rotationRightMeanDeg)) / 2;
  return {
    matrices: 1,
    decomposed: 1,
    elements,
    sigmaDifference,
    sigmaEnergy,
    sigmaErrors: error === null ? null : error ** 2 * sigmaEnergy,
    deltaEnergy,
    baseEnergy,
    weightedRotation,
    rotationMaxDeg: Math.max(metrics.rotationLeftMaxDeg, metrics.rotationRightMaxDeg),
    weightedRotationError: elements * rotationErrorDeg,
    rotationMaxErrorDeg: rotationErrorDeg,
    residual: metrics.residual,
    principal: (metrics.principalEnergy ?? 0) * deltaEnergy,
    left: (metrics.leftEnergy ?? 0) * deltaEnergy,
    right: (metrics.rightEnergy ?? 0) * deltaEnergy,
    principalExpected: metrics.principalEnergyExpected * deltaEnergy,
    leftExpected: metrics.leftEnergyExpected * deltaEnergy,
    rightExpected: metrics.rightEnergyExpected * deltaEnergy,
    diagonal: (metrics.spectralEnergyRatio ?? 0) * isotropicDiagonal,
    diagonalExpected: isotropicDiagonal,
    masks: metrics.maskCounts,
    beside:
      typeof draws === 'string'
        ? { ...sumBeside([]), reason: draws }
        : {
            elements,
            weightedRotation,
            rotationDraws: draws.leftDeg.map(
              (left, draw) => (elements * (left + (draws.rightDeg[draw] ?? 0))) / 2,
            ),
            sigmaDifference,
            sigmaEnergy,
            driftDraws: draws.driftSquares,
            reason: null,
          },
  };
}

/** The sums of several, added in the order given. */
export function sumGeometry(parts: readonly GeometrySums[]): GeometrySums {
  const sum = (of: (part: GeometrySums) => number): number =>
    parts.reduce((total, part) => total + of(part), 0);
  return {
    matrices: sum((part) => part.matrices),
    decomposed: sum((part) => part.decomposed),
    elements: sum((part) => part.elements),
    sigmaDifference: sum((part) => part.sigmaDifference),
    sigmaEnergy: sum((part) => part.sigmaEnergy),
    sigmaErrors: allOrNull(
      parts.map((part) => part.sigmaErrors),
      total,
    ),
    deltaEnergy: sum((part) => part.deltaEnergy),
    baseEnergy: sum((part) => part.baseEnergy),
    weightedRotation: sum((part) => part.weightedRotation),
    rotationMaxDeg: largest(parts.map((part) => part.rotationMaxDeg)),
    weightedRotationError: sum((part) => part.weightedRotationError),
    rotationMaxErrorDeg: largest(parts.map((part) => part.rotationMaxErrorDeg)),
    residual: largest(parts.map((part) => part.residual)),
    principal: sum((part) => part.principal),
    left: sum((part) => part.left),
    right: sum((part) => part.right),
    principalExpected: sum((part) => part.principalExpected),
    leftExpected: sum((part) => part.leftExpected),
    rightExpected: sum((part) => part.rightExpected),
    diagonal: sum((part) => part.diagonal),
    diagonalExpected: sum((part) => part.diagonalExpected),
    masks: addMaskCounts(parts.map((part) => part.masks)),
    beside: sumBeside(parts.map((part) => part.beside)),
  };
}

function sumBeside(parts: readonly BesideNull[]): BesideNull {
  const draws = (of: (part: BesideNull) => Float64Array): Float64Array =>
    parts.reduce(
      (sums, part) => sums.map((sum, draw) => sum + (of(part)[draw] ?? 0)),
      new Float64Array(drawCount),
    );
  return {
    elements: total(parts.map((part) => part.elements)),
    weightedRotation: total(parts.map((part) => part.weightedRotation)),
    rotationDraws: draws((part) => part.rotationDraws),
    sigmaDifference: total(parts.map((part) => part.sigmaDifference)),
    sigmaEnergy: total(parts.map((part) => part.sigmaEnergy)),
    driftDraws: draws((part) => part.driftDraws),
    reason: parts.find((part) => part.reason !== null)?.reason ?? null,
  };
}

/** Below this share of the elements, what has a null does not stand for the pool. */
const leastBeside = 0.5;

/** Rotation and drift under the null, beside those of the same matrices. */
function nullOfPool({
  beside,
  elements,
}: GeometrySums): Pick<
  GeometryPool,
  'rotationMeanExpectedDeg' | 'spectralDriftTopKExpected' | 'besideNull' | 'nullReason'
> {
  const share = beside.elements / elements;
  if (share < leastBeside || beside.sigmaEnergy === 0) {
    const nullReason = beside.reason ?? 'No matrix of this pool has a null.';
    return { rotationMeanExpectedDeg: null, spectralDriftTopKExpected: null, besideNull: null, nullReason };
  }
  return {
    rotationMeanExpectedDeg: rangeOf(beside.rotationDraws.map((sum) => sum / beside.elements)),
    spectralDriftTopKExpected: rangeOf(beside.driftDraws.map((sum) => Math.sqrt(sum / beside.sigmaEnergy))),
    besideNull: {
      share,
      rotationMeanDeg: beside.weightedRotation / beside.elements,
      spectralDriftTopK: rootRatio(beside.sigmaDifference, beside.sigmaEnergy),
    },
    nullReason: beside.reason,
  };
}

/** The metrics of a pool; `whyNone` is the reason when it holds no matrix at all. */
export function poolGeometry(sums: GeometrySums, whyNone: string): Measured<GeometryPool> {
  if (sums.matrices === 0) return absent(whyNone);
  if (sums.decomposed === 0) return absent('Every matrix is equal on both sides: no direction moved.');
  const { deltaEnergy } = sums;
  const ofDelta = (energy: number): number | null => (deltaEnergy === 0 ? null : energy / deltaEnergy);
  return measured({
    matrices: sums.matrices,
    elements: sums.elements,
    spectralDriftTopK: rootRatio(sums.sigmaDifference, sums.sigmaEnergy),
    // The differences of all matrices make one vector: its length errs by no more than the length of its error.
    spectralDriftTopKError: sums.sigmaErrors === null ? null : rootRatio(sums.sigmaErrors, sums.sigmaEnergy),
    spectralDriftBound: rootRatio(deltaEnergy, sums.baseEnergy),
    rotationMeanDeg: sums.weightedRotation / sums.elements,
    rotationMaxDeg: sums.rotationMaxDeg,
    rotationMeanErrorDeg: sums.weightedRotationError / sums.elements,
    rotationMaxErrorDeg: sums.rotationMaxErrorDeg,
    principalEnergy: ofDelta(sums.principal),
    principalEnergyExpected: ofDelta(sums.principalExpected),
    leftEnergy: ofDelta(sums.left),
    leftEnergyExpected: ofDelta(sums.leftExpected),
    rightEnergy: ofDelta(sums.right),
    rightEnergyExpected: ofDelta(sums.rightExpected),
    spectralEnergyRatio: sums.diagonalExpected === 0 ? null : sums.diagonal / sums.diagonalExpected,
    ...nullOfPool(sums),
    residual: sums.residual,
    ...maskMetrics(sums.masks),
  });
}

/**
 * One tensor's geometry from its matrices: the matrix itself, or the pool of a stack as GeometryMetrics describes it,
 * with curves and singular values of the matrix that rotated most. `equal` matrices of the stack rotate by 0°.
 */
export function stackGeometry(parts: readonly (MeasuredMatrix | null)[]): GeometryMetrics | null {
  const found = parts.flatMap((part, index) => (part === null ? [] : [{ ...part, index }]));
  const [first] = found;
  if (first === undefined) return null;
  if (parts.length === 1) return first.metrics;
  const most = found.reduce((best, part) => (rotationMax(part) > rotationMax(best) ? part : best));
  const { value } = poolGeometry(sumGeometry(found.map(matrixSums)), '');
  if (value === null) return null;
  const all = found.map(({ metrics }) => metrics);
  return {
    ...most.metrics,
    ...maskMetrics(value.maskCounts),
    matrices: parts.length,
    shown: most.index,
    spectralDriftTopK: value.spectralDriftTopK,
    spectralDriftTopKError: allOrNull(
      all.map((metrics) => metrics.spectralDriftTopKError),
      largest,
    ),
    spectralDriftFull: fullDrift(found),
    spectralDriftBound: value.spectralDriftBound,
    rotationLeftMeanDeg: total(all.map((metrics) => metrics.rotationLeftMeanDeg)) / parts.length,
    rotationRightMeanDeg: total(all.map((metrics) => metrics.rotationRightMeanDeg)) / parts.length,
    rotationErrorDeg: largest(all.map((metrics) => metrics.rotationErrorDeg)),
    wedinBound: largest(all.map((metrics) => metrics.wedinBound)),
    deltaSpectralNorm: largest(all.map((metrics) => metrics.deltaSpectralNorm)),
    principalEnergy: value.principalEnergy,
    leftEnergy: value.leftEnergy,
    rightEnergy: value.rightEnergy,
    spectralEnergyRatio: value.spectralEnergyRatio,
    ...stackNull(found, parts.length, value),
    residual: value.residual,
    passes: total(all.map((metrics) => metrics.passes)),
  };
}

/** The null of a stack whose matrices all have one: angles weighted equally, as theirs are; drift as its pool has it. */
function stackNull(
  found: readonly MeasuredMatrix[],
  matrices: number,
  { spectralDriftTopKExpected }: GeometryPool,
): NullGeometry {
  const draws = found.flatMap((part) => (typeof part.draws === 'string' ? [] : [part.draws]));
  if (draws.length < found.length) {
    return noNull(found.map((part) => part.draws).find((part) => typeof part === 'string') ?? null);
  }
  const mean = (of: (part: NullDraws) => Float64Array): Float64Array =>
    draws.reduce(
      (sums, part) => sums.map((sum, draw) => sum + (of(part)[draw] ?? 0) / matrices),
      new Float64Array(drawCount),
    );
  return rotationsUnderNull(
    { leftDeg: mean((part) => part.leftDeg), rightDeg: mean((part) => part.rightDeg) },
    spectralDriftTopKExpected,
  );
}

/** √(Σ drift²·‖W‖² / Σ‖W‖²): the full singular values carry the whole energy of W. */
function fullDrift(parts: readonly MeasuredMatrix[]): number | null {
  const shifted = parts.map(({ metrics, baseEnergy }) =>
    metrics.spectralDriftFull === null ? null : metrics.spectralDriftFull ** 2 * baseEnergy,
  );
  const energy = total(parts.map(({ baseEnergy }) => baseEnergy));
  const sum = allOrNull(shifted, total);
  return sum === null ? null : rootRatio(sum, energy);
}

function rotationMax({ metrics }: MeasuredMatrix): number {
  return Math.max(metrics.rotationLeftMaxDeg, metrics.rotationRightMaxDeg);
}

function rootRatio(numerator: number, denominator: number): number | null {
  return denominator === 0 ? null : Math.sqrt(numerator / denominator);
}

function allOrNull(values: readonly (number | null)[], of: (values: number[]) => number): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === values.length ? of(known) : null;
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

function largest(values: readonly number[]): number {
  return values.reduce((most, value) => Math.max(most, value), 0);
}
