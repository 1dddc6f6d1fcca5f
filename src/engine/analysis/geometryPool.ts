// Gate II over many matrices: energies and counts are added and then divided, never averaged as ratios; rotation is
// the mean over matrices weighted by their parameters. Matrices whose sides are equal rotate by 0° and count with it;
// they have no changed element to locate and no decomposition, so lifts and spectral drift rest on those that changed.
import type { GeometryMetrics, GeometryPool } from '../../shared/metrics.ts';
import type { Measured } from '../../shared/report.ts';
import type { MeasuredMatrix } from '../gates/geometry.ts';
import { addMaskCounts, maskMetrics } from '../gates/masks.ts';
import { absent, measured } from './measured.ts';

export class GeometryAccumulator {
  private matrices = 0;
  private elements = 0;
  private decomposed = 0;
  private sigmaDifference = 0;
  private sigmaEnergy = 0;
  private deltaEnergy = 0;
  private baseEnergy = 0;
  private weightedRotation = 0;
  private rotationMaxDeg = 0;
  private residual = 0;
  private readonly inside = { principal: 0, left: 0, right: 0 };
  private readonly expected = { principal: 0, left: 0, right: 0 };
  private masks = addMaskCounts([]);

  /** A matrix, or a stack of `count`, whose two sides are equal. */
  addEqual(elements: number, count: number): void {
    this.matrices += count;
    this.elements += elements;
  }

  add({ metrics, elements, deltaEnergy, baseEnergy }: MeasuredMatrix): void {
    this.matrices += 1;
    this.decomposed += 1;
    this.elements += elements;
    this.deltaEnergy += deltaEnergy;
    this.baseEnergy += baseEnergy;
    for (const [index, sigma] of metrics.sigmaBase.entries()) {
      this.sigmaDifference += ((metrics.sigmaTuned[index] ?? 0) - sigma) ** 2;
      this.sigmaEnergy += sigma ** 2;
    }
    this.weightedRotation += (elements * (metrics.rotationLeftMeanDeg + metrics.rotationRightMeanDeg)) / 2;
    this.rotationMaxDeg = Math.max(
      this.rotationMaxDeg,
      metrics.rotationLeftMaxDeg,
      metrics.rotationRightMaxDeg,
    );
    this.residual = Math.max(this.residual, metrics.residual);
    this.inside.principal += (metrics.principalEnergy ?? 0) * deltaEnergy;
    this.inside.left += (metrics.leftEnergy ?? 0) * deltaEnergy;
    this.inside.right += (metrics.rightEnergy ?? 0) * deltaEnergy;
    this.expected.principal += metrics.principalEnergyExpected * deltaEnergy;
    this.expected.left += metrics.leftEnergyExpected * deltaEnergy;
    this.expected.right += metrics.rightEnergyExpected * deltaEnergy;
    this.masks = addMaskCounts([this.masks, metrics.maskCounts]);
  }

  /** The pool so far; `whyNone` is the reason when it holds no decomposed matrix and no equal one either. */
  pool(whyNone: string): Measured<GeometryPool> {
    if (this.matrices === 0) return absent(whyNone);
    if (this.decomposed === 0) return absent('Every matrix is equal on both sides: no direction moved.');
    const ofDelta = (energy: number): number | null =>
      this.deltaEnergy === 0 ? null : energy / this.deltaEnergy;
    return measured({
      matrices: this.matrices,
      elements: this.elements,
      spectralDriftTopK: rootRatio(this.sigmaDifference, this.sigmaEnergy),
      spectralDriftBound: rootRatio(this.deltaEnergy, this.baseEnergy),
      rotationMeanDeg: this.weightedRotation / this.elements,
      rotationMaxDeg: this.rotationMaxDeg,
      principalEnergy: ofDelta(this.inside.principal),
      principalEnergyExpected: ofDelta(this.expected.principal),
      leftEnergy: ofDelta(this.inside.left),
      leftEnergyExpected: ofDelta(this.expected.left),
      rightEnergy: ofDelta(this.inside.right),
      rightEnergyExpected: ofDelta(this.expected.right),
      residual: this.residual,
      ...maskMetrics(this.masks),
    });
  }
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
  const pool = new GeometryAccumulator();
  for (const part of found) pool.add(part);
  const { value } = pool.pool('');
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
    residual: value.residual,
    passes: total(all.map((metrics) => metrics.passes)),
  };
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
