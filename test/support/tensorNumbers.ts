// Made-up but plausible numbers of one tensor under a kind of training, consistent among themselves: counts give the
// shares, bins add up to the changed weights, lifts follow from the mask counts.
import type {
  AnchorMetrics,
  GeometryMetrics,
  MaskCount,
  MaskCounts,
  TensorPrecision,
  UlpHistogram,
} from '../../src/shared/report/metrics.ts';
import { maskMetrics } from '../../src/engine/gates/masks.ts';
import type { Random } from './random.ts';
import type { TensorShape } from './modelShapes.ts';
import { matrixNull, noBeyond, precisionNull, withExpected, type Beyond } from './nullLike.ts';

/** What a kind of training does to a matrix, before noise. */
interface Effect {
  sparsity: number;
  drift: number;
  spectralDrift: number;
  rotationDeg: number;
  principalLift: number;
  lowLift: number;
  /** Share of the changed weights per bin of the step histogram. */
  steps: readonly [number, number, number, number, number, number, number];
  stripe: number;
  /** What is left of it beside a random update of its size. */
  beyond: Beyond | null;
}

export const effects = {
  rlvr: {
    ...{
      sparsity: 0.77,
      drift: 0.0021,
      spectralDrift: 4e-5,
      rotationDeg: 0.21,
      principalLift: 0.72,
      lowLift: 2.3,
    },
    steps: [0.93, 0.048, 0.012, 0.003, 0.001, 0.001, 0.005],
    stripe: 6.4,
    beyond: { rotation: 0.75, drift: 3.4, energy: 8.2, lift: 0, sparsity: -0.007 },
  },
  /** Gaussian noise of the size of `rlvr`. */
  noise: {
    ...{
      sparsity: 0.77,
      drift: 0.0021,
      spectralDrift: 1.2e-5,
      rotationDeg: 0.28,
      principalLift: 0.72,
      lowLift: 2.3,
    },
    steps: [0.94, 0.042, 0.01, 0.002, 0.001, 0.001, 0.004],
    stripe: 1,
    beyond: noBeyond,
  },
  /** A cast to fp16 without any training: no null is defined for it. */
  cast: {
    ...{
      sparsity: 0.985,
      drift: 2.1e-5,
      spectralDrift: 4e-8,
      rotationDeg: 0.0011,
      principalLift: 0.11,
      lowLift: 3.2,
    },
    steps: [0.7, 0.1, 0.1, 0.05, 0.03, 0.02, 0],
    stripe: 1.1,
    beyond: null,
  },
  sft: {
    ...{
      sparsity: 0.06,
      drift: 0.082,
      spectralDrift: 1.2e-2,
      rotationDeg: 12.4,
      principalLift: 1.01,
      lowLift: 1.03,
    },
    steps: [0.19, 0.17, 0.22, 0.18, 0.12, 0.08, 0.04],
    stripe: 1.3,
    beyond: { rotation: 0.55, drift: 21, energy: 5.1, lift: 0, sparsity: 0.004 },
  },
  mixed: {
    ...{
      sparsity: 0.27,
      drift: 0.016,
      spectralDrift: 9e-4,
      rotationDeg: 1.9,
      principalLift: 0.97,
      lowLift: 1.24,
    },
    steps: [0.51, 0.21, 0.14, 0.07, 0.03, 0.02, 0.02],
    stripe: 2.6,
    beyond: { rotation: 0.81, drift: 2.2, energy: 1.6, lift: 0.11, sparsity: -0.02 },
  },
} satisfies Record<string, Effect>;

export function elementsOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** `bins`: length of the density curves. */
export function precisionOf(
  tensor: TensorShape,
  effect: Effect,
  bins: number,
  random: Random,
): TensorPrecision {
  const compared = elementsOf(tensor.shape);
  const sparsity = Math.min(0.999, tensor.module === 'norm' ? 0.995 : random.around(effect.sparsity, 1.14));
  const changed = Math.round(compared * (1 - sparsity));
  const hidden = 0;
  const moved = effect.steps.map((share) => Math.round(share * changed));
  moved[0] = changed - moved.slice(1).reduce((sum, bin) => sum + bin, 0);
  const [
    one = 0,
    two = 0,
    threeToFour = 0,
    fiveToEight = 0,
    nineToSixteen = 0,
    overSixteen = 0,
    signFlips = 0,
  ] = moved;
  const ulpHistogram: UlpHistogram = {
    one,
    two,
    threeToFour,
    fiveToEight,
    nineToSixteen,
    overSixteen,
    signFlips,
  };
  const absorbed = Math.round(compared * random.between(0.55, 0.68));
  const unchangedAbs1e5 = Math.round(compared * Math.min(1, sparsity + 0.14));
  const density = 1 - sparsity;
  const exponents = new Array<number>(256).fill(0);
  for (let at = 112; at < 125; at += 1) exponents[at] = Math.round(compared / 13);
  return {
    sparsityBf16: (compared - changed) / compared,
    rawChanged: changed / compared,
    ...precisionNull((compared - changed) / compared, ulpHistogram, effect.beyond, random),
    hiddenByBf16: changed === 0 ? null : 0,
    unchangedAbs1e5: unchangedAbs1e5 / compared,
    ulpHistogram,
    absorbedShare: absorbed / compared,
    counts: {
      compared,
      nonFinite: 0,
      changedBf16: changed,
      rawChanged: changed,
      hidden,
      unchangedAbs1e5,
      absorbed,
    },
    stripe:
      tensor.shape.length < 2
        ? null
        : {
            rowDensity: densities(density, bins, effect.stripe, random),
            columnDensity: densities(density, bins, effect.stripe * 1.7, random),
            rowStripe: random.around(effect.stripe, 1.4),
            columnStripe: random.around(effect.stripe * 1.7, 1.4),
          },
    baseExponents: exponents,
  };
}

export function anchorOf(tensor: TensorShape, effect: Effect, random: Random): AnchorMetrics {
  const elements = elementsOf(tensor.shape);
  const baseFrobenius = Math.sqrt(elements) * 0.03;
  const relativeDrift = random.around(effect.drift, 1.5) * (tensor.module === 'norm' ? 0.02 : 1);
  const deltaFrobenius = baseFrobenius * relativeDrift;
  const rmsDelta = deltaFrobenius / Math.sqrt(elements);
  return {
    ...{ deltaFrobenius, baseFrobenius, relativeDrift, rmsDelta },
    maxAbsDelta: rmsDelta * random.between(9, 18),
    topPercentEnergy: random.between(0.18, 0.41),
  };
}

export function geometryOf(
  tensor: TensorShape,
  effect: Effect,
  precision: TensorPrecision,
  anchor: AnchorMetrics,
  rankLimit: number,
  random: Random,
): GeometryMetrics {
  const [rows = 1, columns = 1] = tensor.shape;
  const rank = Math.max(1, Math.min(rankLimit, Math.floor(Math.min(rows, columns) / 4)));
  const sigmaBase = Array.from(
    { length: rank },
    (_, index) => 24 * (index + 1) ** -0.55 * (1 + 3 / (index + 1)),
  );
  const spectralDriftTopK = random.around(effect.spectralDrift, 1.9);
  const sigmaTuned = sigmaBase.map((sigma) => sigma * (1 + spectralDriftTopK * random.between(-1.6, 1.9)));
  const mean = random.around(effect.rotationDeg, 1.7);
  const left = curve(mean, rank, random);
  const right = curve(mean * 1.12, rank, random);
  const average = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const maskCounts = withExpected(masksOf(precision, effect, random), effect.beyond, random);
  const drift = anchor.relativeDrift ?? 0;
  const kept = (expected: number): number =>
    Math.min(0.9, random.around(expected * (effect.beyond?.energy ?? 1), 1.2));
  const energies = { principal: (rank * rank) / (rows * columns), left: rank / rows, right: rank / columns };
  return {
    ...{ rows, columns, matrices: 1, shown: 0, rank, sigmaBase, sigmaTuned, maskCounts },
    spectralDriftTopK,
    spectralDriftTopKError: 2.1e-7,
    spectralDriftFull: Math.min(rows, columns) <= 1024 ? spectralDriftTopK * 1.2 : null,
    spectralDriftBound: drift,
    rotationLeftCurveDeg: left,
    rotationLeftMeanDeg: average(left),
    rotationLeftMaxDeg: Math.max(...left),
    rotationRightCurveDeg: right,
    rotationRightMeanDeg: average(right),
    rotationRightMaxDeg: Math.max(...right),
    rotationErrorDeg: effect.rotationDeg / 160,
    gap: 0.011,
    wedinBound: Math.min(1, drift * 40),
    deltaSpectralNorm: anchor.deltaFrobenius * 0.31,
    deltaStableRank: random.between(7, 40),
    residual: 4.2e-7,
    passes: 12 + random.integer(8),
    ...maskMetrics(maskCounts),
    ...matrixNull(
      { left: average(left), right: average(right), spectralDriftTopK, rank },
      effect.beyond,
      random,
    ),
    spectralEnergyRatio: effect.beyond && random.around(effect.beyond.energy * 3, 1.2),
    principalEnergy: kept(energies.principal),
    principalEnergyExpected: energies.principal,
    leftEnergy: kept(energies.left),
    leftEnergyExpected: energies.left,
    rightEnergy: kept(energies.right),
    rightEnergyExpected: energies.right,
  };
}

function masksOf(precision: TensorPrecision, effect: Effect, random: Random): MaskCounts {
  const { compared: elements, changedBf16: changed } = precision.counts;
  const rate = changed / elements;
  const set = (share: number, lift: number): MaskCount => {
    const size = Math.round(elements * share);
    return {
      size,
      changed: Math.min(size, changed, Math.round(size * Math.min(1, rate * lift))),
      changedExpected: null,
    };
  };
  const principal = random.around(effect.principalLift, 1.12);
  const low = 1 + (random.around(effect.lowLift, 1.1) - 1) * (1 - rate);
  return {
    ...{ elements, changed, changedExpected: null },
    principal: set(0.3, principal),
    lowMagnitude: set(0.3, low),
    principalNotLow: set(0.22, principal * 0.7),
    lowNotPrincipal: set(0.22, low * 1.08),
    nonPrincipalOrLow: set(0.78, 1 + (1 - principal) * 0.3),
  };
}

function curve(mean: number, rank: number, random: Random): number[] {
  const raw = Array.from(
    { length: rank },
    (_, index) => 0.08 + ((index + 1) / rank) ** 3 * random.between(2.6, 3.4),
  );
  const average = raw.reduce((sum, value) => sum + value, 0) / rank;
  return raw.map((value) => Math.min(90, (value / average) * mean)).sort((one, other) => one - other);
}

function densities(mean: number, bins: number, stripe: number, random: Random): number[] {
  const depth = Math.min(0.9, 0.06 * stripe);
  return Array.from({ length: bins }, () => {
    const spike = random.next() < 0.09 ? 1 + depth * 3 : 1;
    return Math.min(1, Math.max(0, mean * spike * (1 + depth * random.between(-0.7, 0.7))));
  });
}
