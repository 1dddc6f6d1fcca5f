// Matches the names of two checkpoints: exactly first, then without wrappers, then with the stack of an omni model taken
// out of its whole and with modules under their other name; what could mean two things is left apart.
import { canonicalName, looseName } from '../checkpoint/tensorNames.ts';

interface NameMatches {
  matches: { base: string; tuned: string }[];
  /** Names whose form without wrappers occurs more than once on a side, with partners on the other. */
  ambiguous: { base: string[]; tuned: string[] };
  onlyBase: string[];
  onlyTuned: string[];
}

/** Every name of either side comes back exactly once. Linear in the number of names. */
export function matchNames(baseNames: Iterable<string>, tunedNames: Iterable<string>): NameMatches {
  const tuned = new Set(tunedNames);
  const result: Pick<NameMatches, 'matches' | 'ambiguous'> = {
    matches: [],
    ambiguous: { base: [], tuned: [] },
  };
  const baseRest: string[] = [];
  for (const name of baseNames) {
    if (tuned.delete(name)) result.matches.push({ base: name, tuned: name });
    else baseRest.push(name);
  }
  const rest = matchBy(canonicalName, baseRest, tuned, result);
  const last = matchBy(looseName, rest.base, rest.tuned, result);
  return { ...result, onlyBase: last.base, onlyTuned: last.tuned };
}

/** Moves what matches under `keyOf` into `result`, and gives back what does not. */
function matchBy(
  keyOf: (name: string) => string,
  bases: Iterable<string>,
  tuneds: Iterable<string>,
  result: Pick<NameMatches, 'matches' | 'ambiguous'>,
): { base: string[]; tuned: string[] } {
  const left: { base: string[]; tuned: string[] } = { base: [], tuned: [] };
  const tunedGroups = groupBy(keyOf, tuneds);
  for (const [key, group] of groupBy(keyOf, bases)) {
    const partners = tunedGroups.get(key) ?? [];
    tunedGroups.delete(key);
    const [base] = group;
    const [partner] = partners;
    if (base === undefined || partner === undefined) left.base.push(...group);
    else if (group.length === 1 && partners.length === 1) result.matches.push({ base, tuned: partner });
    else {
      result.ambiguous.base.push(...group);
      result.ambiguous.tuned.push(...partners);
    }
  }
  left.tuned.push(...[...tunedGroups.values()].flat());
  return left;
}

function groupBy(keyOf: (name: string) => string, names: Iterable<string>): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const name of names) {
    const key = keyOf(name);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [name]);
    else group.push(name);
  }
  return groups;
}
