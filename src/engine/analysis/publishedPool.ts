// The published statistics of a pair (`shared/publishedStatistics.ts`): means over matrices, every matrix counting once, in
// the order of the plan. Where a statistic costs more than Gate II does anyway, only a profile asks for it; what lacks it is
// counted and never mixed in.
import type { MaskCounts } from '../../shared/report/metrics.ts';
import type { AnalysisOptions } from '../../shared/options/options.ts';
import type {
  PublishedMasks,
  PublishedStatistic,
  PublishedStatistics,
} from '../../shared/report/publishedStatistics.ts';
import type { Measured } from '../../shared/report/report.ts';
import type { MeasuredMatrix } from '../gates/geometry.ts';
import {
  countsPublishedMasks,
  curveLimit,
  publishedMask,
  type PublishedMatrix,
} from '../gates/publishedProfile.ts';
import type { Step } from './step.ts';

type Sparsity = Measured<{ sparsityBf16: number }>;

/** The matrix whose angle curve is shown: the query projection of the middle layer, or what that layer has; null without one. */
export function representativeStep(steps: readonly Step[]): Step | null {
  const alone = steps.filter(({ matrices }) => matrices?.count === 1);
  const layers = [...new Set(alone.map(({ pair }) => pair.layer))].filter((layer) => layer !== null);
  layers.sort((one, other) => one - other);
  const middle = layers[Math.floor(layers.length / 2)] ?? null;
  const within = alone.filter(({ pair }) => pair.layer === middle);
  return within.find(({ pair }) => pair.module === 'q') ?? within[0] ?? null;
}

/** What counts of one matrix. */
interface Entry {
  fullDrift: number | null;
  maxAngleDeg: number;
  /** Null where the published masks were not counted. */
  masks: MaskCounts | null;
  curve: PublishedMatrix['curve'];
}

/** Of a matrix whose sides are equal: the same spectrum, and no change to overlap with a mask. */
const equal: Entry = { fullDrift: 0, maxAngleDeg: 0, masks: null, curve: null };

export class PublishedPool {
  /** By place in the plan, one entry a matrix. */
  private readonly found = new Map<number, Entry[]>();
  private readonly steps: readonly Step[];
  private readonly options: AnalysisOptions;

  constructor(steps: readonly Step[], options: AnalysisOptions) {
    this.steps = steps;
    this.options = options;
  }

  /** @param parts one a matrix of the step; null where its sides are equal */
  add(index: number, parts: readonly (MeasuredMatrix | null)[]): void {
    this.found.set(
      index,
      parts.map((part) => (part === null ? equal : this.entryOf(part))),
    );
  }

  /** All matrices of the step are equal on both sides. */
  addEqual(index: number, count: number): void {
    this.found.set(index, new Array<Entry>(count).fill(equal));
  }

  /** Null where the pair has no matrix. */
  statistics(precision: Sparsity): PublishedStatistics | null {
    const { options, steps } = this;
    const matrices = steps.reduce((sum, step) => sum + (step.matrices?.count ?? 0), 0);
    if (matrices === 0) return null;
    const entries = [...this.found].sort(([left], [right]) => left - right).flatMap(([, of]) => of);
    const lost = matrices - entries.length;
    const drifts = entries.map(({ fullDrift }) => fullDrift).filter((drift) => drift !== null);
    const angles = entries.map(({ maxAngleDeg }) => maxAngleDeg);
    return {
      profile: options.profile,
      matrices,
      sparsityBf16: sparsityOf(precision, options),
      spectralDriftFull: this.statistic(drifts, mean, lost, entries.length - drifts.length),
      maxAngleDeg: this.statistic(
        angles,
        (all) => ({ max: all.reduce((most, angle) => Math.max(most, angle), 0), median: median(all) }),
        lost,
        0,
      ),
      angleCurve: this.curve(),
      masks: this.masks(entries, lost),
    };
  }

  /** @param lost matrices that were not measured; @param without those that lack this statistic */
  private statistic<Part, Value>(
    known: readonly Part[],
    of: (known: readonly Part[]) => Value,
    lost: number,
    without: number,
  ): PublishedStatistic<Value> {
    const reasons = [
      ...(lost === 0 ? [] : [`${lost} matrices were not measured.`]),
      ...(without === 0 ? [] : [this.options.profile === 'published' ? notDefined : onlyAsked]),
    ];
    const reason = reasons.length === 0 ? null : reasons.join(' ');
    return { value: known.length === 0 ? null : of(known), computed: known.length, reason };
  }

  private masks(entries: readonly Entry[], lost: number): PublishedStatistics['masks'] {
    const counts = entries.filter((entry) => entry !== equal).map(({ masks }) => masks);
    const counted = counts.filter((each) => each !== null);
    const changed = counted.filter(({ changed: count }) => count > 0);
    const found = this.statistic(changed, meanMasks, lost, counts.length - counted.length);
    const still = entries.length - counts.length + counted.length - changed.length;
    if (still === 0) return found;
    const why = `${still} did not change in bf16 and overlap with nothing.`;
    return { ...found, reason: found.reason === null ? why : `${found.reason} ${why}` };
  }

  private entryOf({ metrics, published }: MeasuredMatrix): Entry {
    const own = countsPublishedMasks(metrics, this.options) ? metrics.maskCounts : null;
    return {
      fullDrift: metrics.spectralDriftFull,
      maxAngleDeg: Math.max(metrics.rotationLeftMaxDeg, metrics.rotationRightMaxDeg),
      masks: published?.masks ?? own,
      curve: published?.curve ?? null,
    };
  }

  private curve(): PublishedStatistics['angleCurve'] {
    const none = (reason: string): PublishedStatistics['angleCurve'] => ({
      value: null,
      computed: 0,
      reason,
    });
    if (this.options.profile !== 'published') return none(onlyAsked);
    const index = this.steps.findIndex(({ angleCurve }) => angleCurve);
    const step = this.steps[index];
    if (step === undefined) return none('No layer has a matrix of its own.');
    const { name, layer } = step.pair;
    const entry = this.found.get(index)?.[0];
    if (entry === undefined) return none(`${name} was not measured.`);
    if (entry === equal) return none(`${name} is equal on both sides: no direction moved.`);
    if (entry.curve === null) return none(`${name} has more than ${curveLimit} rows and columns.`);
    return { value: { name, layer, ...entry.curve }, computed: 1, reason: null };
  }
}

const onlyAsked = 'Computed for every matrix with the profile "published" only.';
const notDefined = 'For the rest it is not defined.';

/** |M∩U|/|U| of every matrix counting once; the published lift is that over α, whatever ties add to the mask. */
function meanMasks(counts: readonly MaskCounts[]): PublishedMasks {
  const low = mean(counts.map(({ lowMagnitude, changed }) => lowMagnitude.changed / changed));
  const principal = mean(counts.map((each) => each.principal.changed / each.changed));
  const { alpha } = publishedMask;
  return {
    lowMagnitudeOverlap: low,
    lowMagnitudeLift: low / alpha,
    principalOverlap: principal,
    principalLift: principal / alpha,
  };
}

/** Of the published statistic only where "unchanged" is the published one. */
function sparsityOf(
  { value, reason }: Sparsity,
  { eta }: AnalysisOptions,
): PublishedStatistics['sparsityBf16'] {
  if (value === null) return { value, reason };
  return eta === publishedMask.eta
    ? { value: value.sparsityBf16, reason: null }
    : { value: null, reason: `The published tolerance is η = ${publishedMask.eta}, and here it is ${eta}.` };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2;
}
