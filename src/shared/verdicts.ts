// Gate verdicts: one word, the rule that gave it, and the readings it rests on with threshold and source.
import type { GateName, Threshold } from './options.ts';

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
}

export interface GateVerdicts {
  anchor: GateVerdict<AnchorWord>;
  geometry: GateVerdict<GeometryWord>;
  precision: GateVerdict<PrecisionWord>;
}

export type RegimeName = 'rlvr-like' | 'sft-like' | 'unchanged' | 'mixed' | 'inconclusive';

export interface Regime {
  name: RegimeName;
  /** One plain-English sentence: what holds and what does not. */
  sentence: string;
}
