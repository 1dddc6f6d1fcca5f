// Fused tensors of one side whose parts lie by themselves on the other, by name alone.
import type { Checkpoint, StoredTensor, UnreadableTensor } from '../checkpoint/checkpoint.ts';
import { fusionOf, partOf, type Fusion, type Role } from './fusions.ts';
import { looseName } from '../checkpoint/tensorNames.ts';

export type Side = 'base' | 'tuned';
export const otherSide = { base: 'tuned', tuned: 'base' } as const;

export interface SideTensors {
  checkpoint: Checkpoint;
  tensors: ReadonlyMap<string, StoredTensor | UnreadableTensor>;
  /** Names without a partner. */
  unmatched: readonly string[];
}

export interface Candidate {
  name: string;
  tensor: StoredTensor | UnreadableTensor;
  fusion: Fusion;
  roles: readonly Role[];
  /** Names of the parts by expert (0 where there is no stack), in the order of the roles. */
  parts: ReadonlyMap<number, readonly (string | undefined)[]>;
  /** A readable part of every role; null where some role has none. */
  examples: readonly StoredTensor[] | null;
}

/** Linear in the number of names. */
export function candidatesOf(side: Side, sides: Record<Side, SideTensors>): Candidate[] {
  const others = sides[otherSide[side]];
  const parts = new Map<string, Map<number, string | undefined>>();
  for (const name of others.unmatched) {
    const part = partOf(looseName(name));
    if (part === null) continue;
    const key = partKey(part.stem, part.expert !== null, part.role, part.parameter);
    const own = parts.get(key) ?? new Map<number, string | undefined>();
    // Two names for one part say nothing.
    own.set(part.expert ?? 0, own.has(part.expert ?? 0) ? undefined : name);
    parts.set(key, own);
  }
  return sides[side].unmatched.flatMap((name): Candidate[] => {
    const fusion = fusionOf(looseName(name));
    const tensor = sides[side].tensors.get(name);
    if (fusion === null || tensor === undefined) return [];
    for (const roles of fusion.roles) {
      const byRole = roles.map((role) =>
        parts.get(partKey(fusion.stem, fusion.isStack, role, fusion.parameter)),
      );
      const experts = new Set(byRole.flatMap((own) => [...(own?.keys() ?? [])]));
      if (experts.size === 0) continue;
      const numbered = [...experts].sort((a, b) => a - b);
      const named = new Map(numbered.map((expert) => [expert, byRole.map((own) => own?.get(expert))]));
      return [{ name, tensor, fusion, roles, parts: named, examples: examplesOf(named, roles, others) }];
    }
    return [];
  });
}

function partKey(stem: string, isStack: boolean, role: Role, parameter: string): string {
  return [stem, isStack, role, parameter].join(' ');
}

function examplesOf(
  parts: Candidate['parts'],
  roles: readonly Role[],
  { tensors }: SideTensors,
): StoredTensor[] | null {
  const found = roles.map((_, at) => {
    for (const names of parts.values()) {
      const tensor = tensors.get(names[at] ?? '');
      if (tensor !== undefined && !('reason' in tensor) && tensor.elements > 0) return tensor;
    }
    return null;
  });
  return found.every((tensor) => tensor !== null) ? found : null;
}
