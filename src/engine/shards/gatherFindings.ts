// The findings of each step of a plan from the shards that have its units: parts of a divided stack are joined, and what a
// missing shard was to give is a finding of its own that says so.
import { problem, type Problem } from '../../shared/errors.ts';
import type { TensorFinding } from '../analysis/tensorFinding.ts';
import { whyNoSpectrum } from '../analysis/rows.ts';
import type { Step } from '../analysis/step.ts';
import type { MeasuredMatrix } from '../gates/geometry.ts';
import type { StoredShard } from './record.ts';
import type { ShardPlan } from './shardPlan.ts';
import type { Unit } from './units.ts';

interface Gathered {
  /** By place in the plan: why a machine could not hold the matrices. */
  refusals: ReadonlyMap<number, string>;
  of(index: number): Promise<TensorFinding[]>;
}

interface Placed {
  unit: Unit;
  /** From 1. */
  shard: number;
}

export function gatherFindings(
  { shards, opened, facts }: ShardPlan,
  stored: ReadonlyMap<number, StoredShard>,
  directory: string,
): Gathered {
  const placed = new Map<number, Placed[]>();
  for (const [index, units] of shards.entries()) {
    for (const unit of units)
      placed.set(unit.step, [...(placed.get(unit.step) ?? []), { unit, shard: index + 1 }]);
  }
  const refusals = new Map<number, string>();
  for (const { header } of stored.values()) {
    for (const { unit, reason } of header.refused) refusals.set(unit.step, reason);
  }
  const findings = async (step: Step, { unit, shard }: Placed): Promise<TensorFinding[]> => {
    const found = (await stored.get(shard)?.findings(unit)) ?? [];
    if (found.length > 0) return found;
    const { name } = step.pair;
    const lost = `${name} was left to shard ${shard} of ${facts.shards}, which is not in ${directory}`;
    const message = `${lost}: three-gate retry ${directory} submits what is missing.`;
    return [{ kind: 'unreadable', problem: problem('shard-unfinished', message, { tensor: name }) }];
  };
  return {
    refusals,
    async of(index) {
      const step = opened.plan.steps[index];
      const units = placed.get(index) ?? [];
      if (step === undefined) return [];
      const [sums, ...parts] = units.sort((one, other) => firstMatrix(one.unit) - firstMatrix(other.unit));
      if (sums === undefined) return [];
      const found = await findings(step, sums);
      if (parts.length === 0) return found;
      const [streamed] = found;
      if (streamed?.kind !== 'streamed' || whyNoSpectrum(streamed.totals) !== null) return found;
      if (refusals.has(index)) return found;
      return [streamed, await joined(parts, (part) => findings(step, part))];
    },
  };
}

/** Sums come first, then the parts in the order of their matrices. */
function firstMatrix({ part }: Unit): number {
  return typeof part === 'string' ? -1 : part.from;
}

/** What the parts of a stack come to together: their matrices one behind the other, or what is wrong with one of them. */
async function joined(
  parts: readonly Placed[],
  findings: (part: Placed) => Promise<TensorFinding[]>,
): Promise<TensorFinding> {
  const matrices: (MeasuredMatrix | null)[] = [];
  for (const placed of parts) {
    const found = await findings(placed);
    const wrong = found.map(problemOf).find((each) => each !== null);
    if (wrong !== undefined) return { kind: 'undecomposed', problem: wrong };
    const decomposed = found.find((finding) => finding.kind === 'decomposed');
    matrices.push(...(decomposed?.parts ?? new Array<null>(matricesIn(placed.unit)).fill(null)));
  }
  return { kind: 'decomposed', parts: matrices };
}

function problemOf(finding: TensorFinding): Problem | null {
  return 'problem' in finding ? finding.problem : null;
}

/** Of a part that was equal on both sides, and not decomposed. */
function matricesIn({ part }: Unit): number {
  return typeof part === 'string' ? 0 : part.to - part.from;
}
