// What a sampled analysis rests on, and what it lets one expect of the tensors that it did not read.
import type { ModuleKind } from './moduleKinds.ts';

/** A number of all the tensors that the sample stands for, estimated from those that were read. */
export interface SampleEstimate {
  /** Name of the metric, as in the report: `sparsityBf16`. */
  metric: string;
  value: number;
  /** Ends of the 95 % confidence interval; null where fewer than two tensors were measured. */
  low: number | null;
  high: number | null;
}

/** Tensors of one kind, and how many of them were drawn. */
export interface SampledKind {
  module: ModuleKind;
  /** Null for the language model's own. */
  container: string | null;
  tensors: number;
  elements: number;
  drawn: number;
  drawnElements: number;
}

export interface SampleReport {
  /** Share of the tensors that was asked for, 0…1. */
  share: number;
  seed: number;
  /** Every kind of tensor that both sides hold. Of those with `drawn` 0 the sample says nothing. */
  kinds: SampledKind[];
  /** Of the kinds that were drawn from. */
  estimates: SampleEstimate[];
  /** Limits of a gate that lie within an interval, so that the sample does not tell on which side the number is. */
  undecided: { metric: string; limit: number }[];
}
