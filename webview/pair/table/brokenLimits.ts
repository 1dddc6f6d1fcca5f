// Which rows of the table break a limit, and what to say of them.
import type { LimitsReport } from '../../../src/shared/report/limitsReport.ts';
import { readingSentence } from '../../../src/shared/text/limitsTables.ts';

const known = new WeakMap<LimitsReport, ReadonlyMap<string, readonly string[]>>();
const none: readonly string[] = [];

/** One sentence for every limit that a place breaks; the same array for the same limits. */
export function brokenAt(
  limits: LimitsReport | undefined,
  scope: 'layer' | 'tensor',
  place: string,
): readonly string[] {
  if (limits === undefined || limits.broken === 0) return none;
  let places = known.get(limits);
  if (places === undefined) known.set(limits, (places = sentencesOf(limits)));
  return places.get(`${scope} ${place}`) ?? none;
}

function sentencesOf({ limits }: LimitsReport): Map<string, string[]> {
  const places = new Map<string, string[]>();
  for (const limit of limits) {
    for (const reading of limit.broken) {
      const key = `${limit.scope} ${reading.place}`;
      const sentence = `Breaks a limit: ${readingSentence(limit, reading)}.`;
      places.set(key, [...(places.get(key) ?? []), sentence]);
    }
  }
  return places;
}
