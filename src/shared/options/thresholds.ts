// The limits of the verdicts: what each may be, its default, which way it points, what it is a limit of, and where it is from.
// The published numbers are of other statistics (`report/published.ts`): but for `sparsityBf16` they are no source of a limit.
import type { Threshold, Thresholds } from './options.ts';
import type { BandRule, NumberRule } from './rule.ts';

interface Limit {
  /** What it limits, in words. */
  measure: string;
}

/** Where a reading votes for its gate and where against it. */
export interface BandEntry extends Limit {
  rule: BandRule;
  default: Threshold;
  gate: 'I' | 'II' | 'III';
  /** Which readings hold: those at or below `holds`, or those at or above it. */
  holding: 'lower' | 'higher';
  /** Short citation. */
  source: string;
}

interface NumberEntry extends Limit {
  rule: NumberRule;
  default: number;
  source: string | null;
}

/** The thresholds that are bands. */
export type BandName = {
  [Name in keyof Thresholds]: Thresholds[Name] extends Threshold ? Name : never;
}[keyof Thresholds];

type Entry<Value> = Value extends Threshold ? BandEntry : NumberEntry;

const zhu = 'arXiv 2511.08567';
const ownZone = 'default of Three-Gate, with a neutral zone between its genuine RLVR and SFT pairs';

const band: BandRule = { kind: 'band', least: 0 };
const shares: BandRule = { kind: 'band', least: 0, most: 1 };
const distance: NumberRule = { kind: 'number', noun: 'number', least: 0 };
const share: NumberRule = { kind: 'number', noun: 'share', least: 0, most: 1 };
/** Of a range that is only ever widened. */
const factor: NumberRule = { kind: 'number', noun: 'number', least: 1 };

export const thresholdCatalogue: Readonly<{ [Name in keyof Thresholds]: Entry<Thresholds[Name]> }> = {
  relativeDrift: {
    rule: band,
    default: { holds: 0.01, broken: 0.03 },
    gate: 'I',
    holding: 'lower',
    measure: 'Gate I: ‖Δ‖/‖W‖.',
    source: 'default of Three-Gate, between the RLVR and SFT pairs it was tried on',
  },
  klNatsPerToken: {
    rule: distance,
    default: 0.1,
    measure: 'Gate I: logged KL to the reference in nats per token above which the gate is at least loose.',
    source: 'default of Three-Gate, in nats per token',
  },
  spectralDriftTopK: {
    rule: band,
    default: { holds: 2e-4, broken: 5e-3 },
    gate: 'II',
    holding: 'lower',
    measure: 'Gate II: drift of the leading singular values.',
    source: ownZone,
  },
  rotationMeanDeg: {
    rule: band,
    default: { holds: 1, broken: 5 },
    gate: 'II',
    holding: 'lower',
    measure: 'Gate II: mean rotation of the leading subspaces in degrees.',
    source: ownZone,
  },
  principalLift: {
    rule: band,
    default: { holds: 0.95, broken: 1.05 },
    gate: 'II',
    holding: 'lower',
    measure: 'Gate II: how much more often principal weights changed than others.',
    source: `${zhu}: 1 is random, below 1 off-principal`,
  },
  lowMagnitudeLift: {
    rule: band,
    default: { holds: 1.3, broken: 1.1 },
    gate: 'II',
    holding: 'higher',
    measure: 'Gate II: how much more often low-magnitude weights changed than others.',
    source: ownZone,
  },
  sparsityBf16: {
    rule: shares,
    default: { holds: 0.36, broken: 0.188 },
    gate: 'III',
    holding: 'higher',
    measure: 'Gate III: share of weights unchanged in bf16.',
    source: `${zhu}: lowest RLVR run 0.36, highest SFT run 0.188`,
  },
  beyondRotation: {
    rule: factor,
    default: 1.1,
    measure:
      'Beyond size: factor that widens the range of rotations that a random update of the same size shows.',
    source: null,
  },
  beyondSpectralDrift: {
    rule: factor,
    default: 1.25,
    measure:
      'Beyond size: factor that widens the range of spectral drifts that a random update of the same size shows.',
    source: null,
  },
  beyondLift: {
    rule: distance,
    default: 0.05,
    measure:
      'Beyond size: how far a mask lift may lie from that of a random update of the same size and still count as random.',
    source: null,
  },
  beyondSparsity: {
    rule: share,
    default: 0.05,
    measure:
      'Beyond size: how far the unchanged share may lie from that of a random update of the same size and still count as random.',
    source: null,
  },
  beyondEnergyLess: {
    rule: share,
    default: 0.5,
    measure:
      'Beyond size: energy in the leading subspaces over chance, at or below which it is less than random.',
    source: null,
  },
  beyondEnergyMore: {
    rule: factor,
    default: 2,
    measure:
      'Beyond size: energy in the leading subspaces over chance, at or above which it is more than random.',
    source: null,
  },
  coverage: {
    rule: share,
    default: 0.9,
    measure: 'Share of the parameters that must have been compared for a regime to be named.',
    source: null,
  },
};

export const defaultThresholds: Readonly<Thresholds> = {
  relativeDrift: thresholdCatalogue.relativeDrift.default,
  klNatsPerToken: thresholdCatalogue.klNatsPerToken.default,
  spectralDriftTopK: thresholdCatalogue.spectralDriftTopK.default,
  rotationMeanDeg: thresholdCatalogue.rotationMeanDeg.default,
  principalLift: thresholdCatalogue.principalLift.default,
  lowMagnitudeLift: thresholdCatalogue.lowMagnitudeLift.default,
  sparsityBf16: thresholdCatalogue.sparsityBf16.default,
  beyondRotation: thresholdCatalogue.beyondRotation.default,
  beyondSpectralDrift: thresholdCatalogue.beyondSpectralDrift.default,
  beyondLift: thresholdCatalogue.beyondLift.default,
  beyondSparsity: thresholdCatalogue.beyondSparsity.default,
  beyondEnergyLess: thresholdCatalogue.beyondEnergyLess.default,
  beyondEnergyMore: thresholdCatalogue.beyondEnergyMore.default,
  coverage: thresholdCatalogue.coverage.default,
};

/** What one end of a band decides, in a sentence. */
export function endSentence({ holding }: Pick<BandEntry, 'holding'>, end: keyof Threshold): string {
  const below = (holding === 'lower') === (end === 'holds');
  const says = end === 'holds' ? 'holds' : 'is broken';
  return `At or ${below ? 'below' : 'above'} this the reading says that the gate ${says}.`;
}
