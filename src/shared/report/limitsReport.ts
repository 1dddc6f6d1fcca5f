// What limits on a report came to: which of them hold, which are broken, where, and by what measured value.
// Plain JSON; a value that could not be measured is null with its reason beside it.

/** What a limit looks at: the whole model, or every layer, kind of module or tensor that its pattern names. */
export type LimitScope = 'whole' | 'layer' | 'module' | 'tensor';

/** One thing that a limit was held against. */
export interface LimitReading {
  /** A layer's key, a module's kind, a tensor's name; empty for the whole model. */
  place: string;
  /** The place as people call it: "Layer 3", "whole model". */
  label: string;
  value: number | string | null;
  /** As it is shown: "38.1 %". */
  measured: string;
  /** Why there is no value, or why it cannot be told on which side of the limit it lies; null elsewhere. */
  reason: string | null;
}

export interface LimitResult {
  /** As it was written, without its place in the file: `q_proj: sparsityBf16 >= 0.4`. */
  text: string;
  /** Name of the number or word that it limits, as in docs/limits.md. */
  metric: string;
  /** What it asks for, as people write it: "≥ 40 %", "not sft-range". */
  asks: string;
  scope: LimitScope;
  /** Where it was written, 1-based. */
  file: string;
  line: number;
  column: number;
  standing: 'holds' | 'broken';
  /** How many places it was held against. */
  judged: number;
  /** Where it is broken, in the order of the report. */
  broken: LimitReading[];
  /** Of the places where it holds, the one that is nearest to breaking it. */
  nearest: LimitReading | null;
}

export interface LimitsReport {
  /** Number of limits that are broken. */
  broken: number;
  /** In the order in which they were written. */
  limits: LimitResult[];
}
