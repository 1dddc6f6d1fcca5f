// From the tensors of a sample to all that it stands for: every number is a quotient of sums over tensors, so each kind's
// sums are scaled up by its parameters. The interval is that of a delete-one jackknife within the kinds (kinds with one
// drawn tensor are taken together, which can only widen it), with the finite-population correction and Student's t
// (Lohr, Sampling: Design and Analysis, ch. 9.3; Wolter, Introduction to Variance Estimation, ch. 4 and 2.5).
import type { SampleEstimate } from '../../shared/report/sample.ts';
import type { StreamTotals } from '../kernels/tensorStreamer.ts';
import {
  addSums,
  decomposedSumsOf,
  estimated,
  scaled,
  streamedSumsOf,
  sumsOf,
  type Stage,
  type Sums,
} from './estimatedSums.ts';
import type { GeometrySums } from './geometryPool.ts';
import type { SampleDesign } from './sampleDesign.ts';
import type { Step } from './step.ts';
import { studentT95 } from './studentT.ts';

/** Sums of what was not measured, where they make a number least and where they make it most. */
export interface Extremes {
  least: Sums;
  most: Sums;
}

const none: Extremes = { least: sumsOf({}), most: sumsOf({}) };
const nothingElse: Record<Stage, Extremes> = { streamed: none, decomposed: none };

/** A tensor that was measured, scaled up to what it stands for. */
interface Member {
  /** Parameters that it stands for. */
  elements: number;
  sums: Sums;
}

/** Tensors that vary like each other; `left`: share of the population that was not drawn. */
interface Group {
  members: Member[];
  left: number;
}

export class SampleEstimates {
  /** By place in the plan; what is not there was not measured. */
  private readonly found: Record<Stage, Map<number, Sums>> = { streamed: new Map(), decomposed: new Map() };
  private readonly strata: {
    tensors: number;
    elements: number;
    certain: boolean;
    steps: number[];
    sizes: number[];
  }[];

  constructor(
    readonly design: SampleDesign,
    steps: readonly Step[],
  ) {
    this.strata = design.strata.map(({ members, tensors, elements, certain }) => {
      const all = new Set(members);
      const own = [...steps.entries()].filter(([, { pair }]) => all.has(pair));
      return {
        tensors,
        elements,
        certain: certain === true,
        steps: own.map(([index]) => index),
        sizes: own.map(([, step]) => step.pair.elements),
      };
    });
  }

  addTotals(index: number, totals: StreamTotals): void {
    this.found.streamed.set(index, streamedSumsOf(totals));
  }

  addGeometry(index: number, sums: GeometrySums): void {
    this.found.decomposed.set(index, decomposedSumsOf(sums));
  }

  /** Places in the plan of the tensors of every kind that nothing was measured of. */
  unrepresented(stage: Stage): number[] {
    const found = this.found[stage];
    return this.strata.flatMap(({ steps }) => (steps.some((index) => found.has(index)) ? [] : steps));
  }

  /**
   * Numbers that nothing was measured for are left out.
   * @param rest what kinds without a measured tensor can come to, where those count too
   */
  estimates(rest: Record<Stage, Extremes | null> = nothingElse): SampleEstimate[] {
    const groups = { streamed: this.groups('streamed'), decomposed: this.groups('decomposed') };
    return estimated.flatMap(({ metric, isShare, stage, of }): SampleEstimate[] => {
      const own = groups[stage];
      const pooled = addSums(own.flatMap(({ members }) => members.map(({ sums }) => sums)));
      const value = of(pooled);
      if (!Number.isFinite(value)) return [];
      const other = rest[stage];
      const none = { metric, value, low: null, high: null };
      if (other === null) return [none];
      const ends = (['least', 'most'] as const).map((end) => {
        const ofWhole = (sums: Sums): number => of(addSums([sums, other[end]]));
        return { value: ofWhole(pooled), half: halfWidth(own, ofWhole) };
      });
      const [least, most] = ends;
      if (!least || !most || least.half === null || most.half === null) return [none];
      const high = most.value + most.half;
      return [
        {
          metric,
          value,
          low: Math.max(0, least.value - least.half),
          high: isShare ? Math.min(1, high) : high,
        },
      ];
    });
  }

  /** What was measured, scaled up to its kind; kinds with a single tensor are one group. */
  private groups(stage: Stage): Group[] {
    const measured = this.found[stage];
    const groups: Group[] = [];
    const single: Group & { drawn: number; tensors: number } = { members: [], left: 0, drawn: 0, tensors: 0 };
    for (const { steps, sizes, elements, tensors, certain } of this.strata) {
      const found = steps.flatMap((index, at) => {
        const sums = measured.get(index);
        return sums === undefined ? [] : [{ size: sizes[at] ?? 0, sums }];
      });
      const size = found.reduce((sum, each) => sum + each.size, 0);
      const members = found.map((each) => ({
        elements: (each.size * elements) / size,
        sums: scaled(each.sums, elements / size),
      }));
      if (certain) groups.push({ members: together(members), left: 0 });
      else if (members.length === 1) {
        single.members.push(...members);
        single.drawn += 1;
        single.tensors += tensors;
      } else if (members.length > 1) groups.push({ members, left: 1 - members.length / tensors });
    }
    single.left = single.tensors === 0 ? 0 : 1 - single.drawn / single.tensors;
    if (single.members.length > 1) return [...groups, single];
    const [first, ...rest] = groups;
    if (first === undefined || single.members.length === 0) return [...groups, single];
    // One alone does not vary: it goes with another kind, whose tensors it then differs from.
    return [
      { members: [...first.members, ...single.members], left: Math.max(first.left, single.left) },
      ...rest,
    ];
  }
}

/** Half of the 95 % interval; null with fewer than two tensors in every group. */
function halfWidth(groups: readonly Group[], of: (sums: Sums) => number): number | null {
  let variance = 0;
  let freedom = 0;
  const pooled = groups.map(({ members }) => addSums(members.map(({ sums }) => sums)));
  for (const [at, { members, left }] of groups.entries()) {
    if (members.length < 2) continue;
    const others = addSums(pooled.filter((_, other) => other !== at));
    const elements = members.reduce((sum, member) => sum + member.elements, 0);
    const without = members.map((member) => {
      const rest = addSums([pooled[at] ?? addSums([]), scaled(member.sums, -1)]);
      return of(addSums([others, scaled(rest, elements / (elements - member.elements))]));
    });
    const mean = without.reduce((sum, value) => sum + value, 0) / without.length;
    const squares = without.reduce((sum, value) => sum + (value - mean) ** 2, 0);
    variance += (left * (members.length - 1) * squares) / members.length;
    freedom += members.length - 1;
  }
  return freedom === 0 || !Number.isFinite(variance) ? null : studentT95(freedom) * Math.sqrt(variance);
}

/** As one, which does not vary. */
function together(members: readonly Member[]): Member[] {
  const elements = members.reduce((sum, member) => sum + member.elements, 0);
  return members.length === 0 ? [] : [{ elements, sums: addSums(members.map(({ sums }) => sums)) }];
}
