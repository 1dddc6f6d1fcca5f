// What of a followed step is drawn against the step: every number by the name that the report has for it, and each gate's standing.
import { gateNames } from '../options/options.ts';
import type { FollowedStep } from '../report/followedStep.ts';
import type { GateStanding } from '../report/verdicts.ts';
import { gateCatalogue } from './gates.ts';

/** A gate that holds is at the top; one that is not known has no value. */
const heights: Readonly<Record<GateStanding, number | null>> = {
  holds: 1,
  middle: 0.5,
  broken: 0,
  unknown: null,
};

const standings = Object.keys(heights) as GateStanding[];

/** Tag and value of what was measured. */
export function followedScalars({ point, limits }: FollowedStep): [tag: string, value: number][] {
  const { sparsityBf16, relativeDrift, spectralDriftTopK, rotationMeanDeg, kl } = point;
  const numbers: [string, number | null][] = [
    ...Object.entries({ sparsityBf16, relativeDrift, spectralDriftTopK, rotationMeanDeg, kl }),
    ...gateNames.map((gate, at): [string, number | null] => {
      const { words } = gateCatalogue[gate];
      const standing = standings.find((each) => words[each] === point.words[at]);
      return [`gates/${gate}`, standing === undefined ? null : heights[standing]];
    }),
    ['limits/broken', limits?.broken ?? null],
  ];
  return numbers.flatMap(([name, value]) => (value === null ? [] : [[`three-gate/${name}`, value]]));
}
