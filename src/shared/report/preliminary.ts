// What a running analysis says of the whole from what it has measured so far, and what the rest can still make of it.
import type { GateName } from '../options/options.ts';
import type { GateStanding, GateWord, RegimeName } from './verdicts.ts';

/** A number of the whole pair, as far as it is known before all of it is measured. */
export interface PreliminaryNumber {
  /** Name of the metric, as in the report: `sparsityBf16`. */
  metric: string;
  /** Estimated for the whole; null where nothing was measured yet. */
  value: number | null;
  /**
   * What the rest can make of it, whatever it holds: each unmeasured tensor at the end of its own range. Null where it has
   * none.
   */
  least: number | null;
  most: number | null;
  /**
   * Where it will lie at 95 % confidence, if what is measured so far is like the rest, within `least` and `most`; kinds of
   * tensors of which nothing was measured count with all that they can hold. Null where that is not known.
   */
  low: number | null;
  high: number | null;
  /** Whether `low` and `high` lie on different sides of a limit of its gate, or nothing is known of them. */
  undecided: boolean;
}

/** Whether the rest can change a verdict: not at all; not if what was measured is like the rest; or it can. */
export type Firmness = 'settled' | 'expected' | 'open';

export interface PreliminaryGate {
  gate: GateName;
  verdict: GateWord;
  standing: GateStanding;
  firmness: Firmness;
  /** Every word that it may end with, this one first. */
  canBecome: GateWord[];
}

export interface PreliminaryVerdict {
  /** Share of the parameters to read that were read, 0…1. */
  readShare: number;
  /** Share of the parameters to decompose that are through, 0…1; null where none are. */
  decomposedShare: number | null;
  regime: RegimeName;
  firmness: Firmness;
  /** Every regime that it may end with, this one first. */
  canBecome: RegimeName[];
  gates: PreliminaryGate[];
  /** Those that the gates rest on. */
  numbers: PreliminaryNumber[];
}
