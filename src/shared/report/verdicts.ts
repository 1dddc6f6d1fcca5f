// Gate verdicts: one word, the rule that gave it, and the readings it rests on with threshold and source.
import type { GateName, Threshold } from '../options/options.ts';

export type AnchorWord = 'anchored' | 'loose' | 'drifting' | 'unknown';
export type GeometryWord = 'off-principal' | 'mixed' | 'on-principal' | 'unknown';
export type PrecisionWord = 'masked' | 'partial' | 'dense' | 'unknown';
export type GateWord = AnchorWord | GeometryWord | PrecisionWord;

/** Where a verdict word stands on its gate's scale, common to all gates: decides colour and shape. */
export type GateStanding = 'holds' | 'middle' | 'broken' | 'unknown';

/** What one measured number says: for geometry `holds` is a vote off the principals, `broken` one on them. */
export type Vote = 'holds' | 'neutral' | 'broken' | 'unknown';

export interface Reading {
  /** Metric field name, e.g. `relativeDrift`. */
  metric: string;
  value: number | null;
  /** Bound on its error where one is known; a value below it is below resolution. */
  error?: number | null;
  vote: Vote;
  threshold: Threshold;
  /** Short citation of the threshold. */
  source: string;
}

export interface GateVerdict<Word extends GateWord = GateWord> {
  gate: GateName;
  verdict: Word;
  standing: GateStanding;
  /** The rule that decided, with its numbers; for `unknown`, the reason. */
  rule: string;
  readings: Reading[];
  /** What is left of the readings beyond the size of the update; null for Gate I and where nothing was measured. */
  beyondSize: BeyondSize | null;
}

/** Where a number lies against what a random update of the same size shows. */
export type BeyondWord = 'less' | 'as random' | 'more' | 'unknown';

/** One number beside its size-matched null. */
export interface BeyondReading {
  /** Metric field name, e.g. `rotationMeanDeg`. */
  metric: string;
  value: number | null;
  /** Its mean under the null. */
  expected: number | null;
  /** What counts `as random`: the null's own range, widened by the threshold. */
  low: number | null;
  high: number | null;
  /** value/expected. */
  ratio: number | null;
  word: BeyondWord;
  /** Why the word is `unknown`; null otherwise. */
  reason: string | null;
}

export interface BeyondSize {
  readings: BeyondReading[];
  /** In words: the readings that are not `as random`, or that nothing is left. */
  words: string;
}

export interface GateVerdicts {
  anchor: GateVerdict<AnchorWord>;
  geometry: GateVerdict<GeometryWord>;
  precision: GateVerdict<PrecisionWord>;
}

/** In whose published range the footprint lies; never how the run was made. */
export type RegimeName =
  'rlvr-range' | 'sft-range' | 'mixed' | 'unchanged' | 'inconclusive' | 'rounding' | 'not-weights';

export interface Regime {
  name: RegimeName;
  /** The footprint, in a few words: "In the range of published RLVR runs". */
  headline: string;
  /** One plain-English sentence: what holds and what does not. */
  sentence: string;
  /** What is left beyond the size of the update, in one sentence; null where there is nothing to say. */
  beyondSize: string | null;
  /** What config or log say of the kind of training, in one sentence: agrees, disagrees, or not known. */
  evidence: string | null;
  /** Present where it rests on a sample of the tensors, as headline and sentence then say. */
  sampled?: true;
}
