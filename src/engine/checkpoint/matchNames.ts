// Matches the names of two checkpoints: exactly first, then without wrappers; what could mean two things is left apart.
import { canonicalName } from './tensorNames.ts';

export interface NameMatches {
  matches: { base: string; tuned: string }[];
  /** Names whose form without wrappers occurs more than once on a side, with partners on the other. */
  ambiguous: { base: string[]; tuned: string[] };
  onlyBase: string[];
  onlyTuned: string[];
}

/** Every name of either side comes back exactly once. Linear in the number of names. */
export function matchNames(baseNames: Iterable<string>, tunedNames: Iterable<string>): NameMatches {
  const tuned = new Set(tunedNames);
  const result: NameMatches = {
    matches: [],
    ambiguous: { base: [], tuned: [] },
    onlyBase: [],
    onlyTuned: [],
  };
  const baseRest: string[] = [];
  for (const name of baseNames) {
    if (tuned.delete(name)) result.matches.push({ base: name, tuned: name });
    else baseRest.push(name);
  }
  const baseGroups = groupByCanonicalName(baseRest);
  const tunedGroups = groupByCanonicalName(tuned);
  for (const [canonical, bases] of baseGroups) {
    const partners = tunedGroups.get(canonical) ?? [];
    tunedGroups.delete(canonical);
    const [base] = bases;
    const [partner] = partners;
    if (base === undefined || partner === undefined) result.onlyBase.push(...bases);
    else if (bases.length === 1 && partners.length === 1) result.matches.push({ base, tuned: partner });
    else {
      result.ambiguous.base.push(...bases);
      result.ambiguous.tuned.push(...partners);
    }
  }
  result.onlyTuned.push(...[...tunedGroups.values()].flat());
  return result;
}

function groupByCanonicalName(names: Iterable<string>): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const name of names) {
    const canonical = canonicalName(name);
    const group = groups.get(canonical);
    if (group === undefined) groups.set(canonical, [name]);
    else group.push(name);
  }
  return groups;
}
