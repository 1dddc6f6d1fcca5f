// What a shard of an analysis writes down, and the folder in which it does.
import type { EngineInfo, Report } from '../../shared/report/report.ts';
import type { TensorFinding } from '../analysis/tensorFinding.ts';
import type { OwnOptions, PlanFacts } from './facts.ts';
import type { Unit } from './units.ts';

/** What a finding is of. */
interface FoundUnit {
  unit: Unit;
  finding: TensorFinding;
}

/** What a shard says of itself. */
export interface ShardHeader {
  facts: PlanFacts;
  /** From 1. */
  number: number;
  engine: EngineInfo;
  own: OwnOptions;
  /** Units whose matrices this machine could not hold, and why. */
  refused: { unit: Unit; reason: string }[];
  timings: Report['timings'];
}

/** A shard that is whole. */
export interface StoredShard {
  path: string;
  header: ShardHeader;
  /** What was found of a unit, in order; empty where it is not in this shard. */
  findings: (unit: Unit) => Promise<TensorFinding[]>;
}

/** Where a shard goes: whole, or not at all. */
export interface ShardOutput {
  add(found: FoundUnit): void;
  commit(header: ShardHeader): Promise<void>;
  discard(): Promise<void>;
}

export interface ShardFolder {
  /**
   * Rejects with `shard-refused` where the folder holds another plan; false where this shard is done.
   * @param costs of each shard, in seconds by the cost model
   */
  claim(plan: { facts: PlanFacts; costs: readonly number[] }, number: number): Promise<boolean>;
  open(shards: number, number: number): Promise<ShardOutput>;
}
