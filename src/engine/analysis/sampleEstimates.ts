// From the tensors of a sample to all that it stands for: every number is a quotient of sums over tensors, so each kind's
// sums are scaled up by its parameters. The interval is that of a delete-one jackknife within the kinds (kinds with one
// drawn tensor are taken together, which can only widen it), with the finite-population correction and Student's t
// (Lohr, Sampling: Design and Analysis, ch. 9.3; Wolter, Introduction to Variance Estimation, ch. 4 and 2.5).
import type { SampleEstimate } from '../../shared/report/sample.ts';
import type { MetricName } from '../../shared/text/metrics.ts';
import type { StreamTotals } from '../kernels/tensorStreamer.ts';
import type { GeometrySums } from './geometryPool.ts';
import type { SampleDesign } from './sampleDesign.ts';
import type { Step } from './step.ts';
import { studentT95 } from './studentT.ts';

/** What is added over tensors. */
const sumNames = [
  'compared',
  'unchanged',
  'deltaEnergy',
  'baseEnergy',
  'matrixElements',
  'weightedRotation',
  'sigmaDifference',
  'sigmaEnergy',
  'matrixDeltaEnergy',
  'principal',
  'maskElements',
  'maskChanged',
  'principalSize',
  'principalChanged',
  'lowSize',
  'lowChanged',
] as const;
type Sums = Record<(typeof sumNames)[number], number>;

/** The estimated numbers, defined as those of a pool. `isShare`: lies in 0…1. */
const estimated: readonly { metric: MetricName; isShare: boolean; of: (sums: Sums) => number }[] = [
  { metric: 'sparsityBf16', isShare: true, of: (sums) => sums.unchanged / sums.compared },
  { metric: 'relativeDrift', isShare: false, of: (sums) => Math.sqrt(sums.deltaEnergy / sums.baseEnergy) },
  {
    metric: 'spectralDriftTopK',
    isShare: false,
    of: (sums) => Math.sqrt(sums.sigmaDifference / sums.sigmaEnergy),
  },
  { metric: 'rotationMeanDeg', isShare: false, of: (sums) => sums.weightedRotation / sums.matrixElements },
  {
    metric: 'principalLift',
    isShare: false,
    of: (sums) => sums.principalChanged / sums.principalSize / (sums.maskChanged / sums.maskElements),
  },
  {
    metric: 'lowMagnitudeLift',
    isShare: false,
    of: (sums) => sums.lowChanged / sums.lowSize / (sums.maskChanged / sums.maskElements),
  },
  { metric: 'principalEnergy', isShare: true, of: (sums) => sums.principal / sums.matrixDeltaEnergy },
];

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
  private readonly streamed = new Map<number, Partial<Sums>>();
  private readonly decomposed = new Map<number, Partial<Sums>>();
  private readonly strata: { tensors: number; elements: number; steps: number[]; sizes: number[] }[];

  constructor(
    readonly design: SampleDesign,
    steps: readonly Step[],
  ) {
    this.strata = design.strata.map(({ members, tensors, elements }) => {
      const all = new Set(members);
      const own = [...steps.entries()].filter(([, { pair }]) => all.has(pair));
      return {
        tensors,
        elements,
        steps: own.map(([index]) => index),
        sizes: own.map(([, step]) => step.pair.elements),
      };
    });
  }

  addTotals(index: number, totals: StreamTotals): void {
    this.streamed.set(index, {
      compared: totals.compared,
      unchanged: totals.compared - totals.changedBf16,
      deltaEnergy: totals.sumSquaresDelta,
      baseEnergy: totals.sumSquaresBase,
    });
  }

  addGeometry(index: number, { masks, ...sums }: GeometrySums): void {
    this.decomposed.set(index, {
      matrixElements: sums.elements,
      weightedRotation: sums.weightedRotation,
      sigmaDifference: sums.sigmaDifference,
      sigmaEnergy: sums.sigmaEnergy,
      matrixDeltaEnergy: sums.deltaEnergy,
      principal: sums.principal,
      maskElements: masks.elements,
      maskChanged: masks.changed,
      principalSize: masks.principal.size,
      principalChanged: masks.principal.changed,
      lowSize: masks.lowMagnitude.size,
      lowChanged: masks.lowMagnitude.changed,
    });
  }

  /** Numbers that nothing was measured for are left out. */
  estimates(): SampleEstimate[] {
    const [streamed, decomposed] = [this.groups(this.streamed), this.groups(this.decomposed)];
    return estimated.flatMap(({ metric, isShare, of }): SampleEstimate[] => {
      const groups = metric === 'sparsityBf16' || metric === 'relativeDrift' ? streamed : decomposed;
      const value = of(addSums(groups.flatMap(({ members }) => members.map(({ sums }) => sums))));
      if (!Number.isFinite(value)) return [];
      const half = halfWidth(groups, of);
      if (half === null) return [{ metric, value, low: null, high: null }];
      const high = isShare ? Math.min(1, value + half) : value + half;
      return [{ metric, value, low: Math.max(0, value - half), high }];
    });
  }

  /** What was measured, scaled up to its kind; kinds with a single tensor are one group. */
  private groups(measured: ReadonlyMap<number, Partial<Sums>>): Group[] {
    const groups: Group[] = [];
    const single: Group & { drawn: number; tensors: number } = { members: [], left: 0, drawn: 0, tensors: 0 };
    for (const { steps, sizes, elements, tensors } of this.strata) {
      const found = steps.flatMap((index, at) => {
        const sums = measured.get(index);
        return sums === undefined ? [] : [{ size: sizes[at] ?? 0, sums: sumsOf((name) => sums[name] ?? 0) }];
      });
      const size = found.reduce((sum, each) => sum + each.size, 0);
      const members = found.map((each) => ({
        elements: (each.size * elements) / size,
        sums: scaled(each.sums, elements / size),
      }));
      if (members.length === 1) {
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

function addSums(parts: readonly Sums[]): Sums {
  return sumsOf((name) => parts.reduce((sum, part) => sum + part[name], 0));
}

function scaled(sums: Sums, factor: number): Sums {
  return sumsOf((name) => sums[name] * factor);
}

function sumsOf(of: (name: keyof Sums) => number): Sums {
  return Object.fromEntries(sumNames.map((name) => [name, of(name)])) as Sums;
}
