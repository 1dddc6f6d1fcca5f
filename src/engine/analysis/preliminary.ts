// What a running analysis says before its end: the numbers of the whole, estimated from what is measured so far as from a sample,
// and every word and regime that the rest can still make of them.
import type { AnalysisOptions, GateName } from '../../shared/options/options.ts';
import type { PreliminaryVerdict } from '../../shared/report/preliminary.ts';
import type { ErrorBounds } from '../../shared/report/resolution.ts';
import type { RegimeEvidence } from '../gates/regime.ts';
import type { StreamTotals } from '../kernels/tensorStreamer.ts';
import {
  addSums,
  decomposedSumsOf,
  estimated,
  streamedSumsOf,
  type Stage,
  type Sums,
} from './estimatedSums.ts';
import type { GeometrySums } from './geometryPool.ts';
import { measuredSample, measuringOrder } from './measuringOrder.ts';
import { preliminaryVerdict, type EstimatedNumber } from './preliminaryVerdict.ts';
import { undecomposedBounds, unreadBounds } from './restBounds.ts';
import { SampleEstimates, type Extremes } from './sampleEstimates.ts';
import type { Step } from './step.ts';

export class Preliminary {
  private readonly estimates: SampleEstimates;
  /** Places in the plan that count as drawn. */
  private readonly drawn: ReadonlySet<number>;
  /** Places in the plan that are still to be read, and to be decomposed. */
  private readonly left: Record<Stage, Set<number>>;
  private readonly measured: Record<Stage, Sums[]> = { streamed: [], decomposed: [] };
  /** What a tensor that was read can come to when it is decomposed. */
  private readonly bounds = new Map<number, Extremes>();
  private readonly hasMatrices: boolean;
  /** Elements that the finished report will have compared, unless more cannot be read. */
  readable: number;
  private readonly steps: readonly Step[];
  private readonly options: AnalysisOptions;

  constructor(steps: readonly Step[], options: AnalysisOptions) {
    this.steps = steps;
    this.options = options;
    const { places, drawn } = measuringOrder(steps, options.seed);
    this.drawn = new Set(places.slice(0, drawn));
    this.estimates = new SampleEstimates(measuredSample(steps, options.seed), steps);
    const all = [...steps.entries()];
    const placesOf = (is: (step: Step) => boolean): Set<number> =>
      new Set(all.flatMap(([place, step]) => (is(step) ? [place] : [])));
    this.left = {
      streamed: placesOf(({ equalityOnly }) => !equalityOnly),
      decomposed: placesOf(({ matrices }) => matrices !== null),
    };
    this.hasMatrices = this.left.decomposed.size > 0;
    this.readable = [...this.left.streamed].reduce(
      (sum, place) => sum + (steps[place]?.pair.elements ?? 0),
      0,
    );
  }

  streamed(place: number, step: Step, totals: StreamTotals): void {
    if (!this.left.streamed.delete(place)) return;
    this.measured.streamed = [addSums([...this.measured.streamed, streamedSumsOf(totals)])];
    if (this.drawn.has(place)) this.estimates.addTotals(place, totals);
    if (step.matrices === null) return;
    this.bounds.set(place, undecomposedBounds(step, step.matrices, totals, this.options.alpha));
  }

  decomposed(place: number, sums: GeometrySums): void {
    if (!this.left.decomposed.delete(place)) return;
    this.bounds.delete(place);
    this.measured.decomposed = [addSums([...this.measured.decomposed, decomposedSumsOf(sums)])];
    if (this.drawn.has(place)) this.estimates.addGeometry(place, sums);
  }

  /** There will be no decomposition of it. */
  undecomposed(place: number): void {
    this.left.decomposed.delete(place);
    this.bounds.delete(place);
  }

  unreadable(place: number, { pair }: Step): void {
    if (this.left.streamed.delete(place)) this.readable -= pair.elements;
    this.undecomposed(place);
  }

  /**
   * @param evidence as it stands, with the share of the parameters that the finished report will speak for
   * @param errors bounds on those of the numbers of Gate II
   */
  verdict(evidence: RegimeEvidence, errors: ErrorBounds): PreliminaryVerdict {
    const { gates, thresholds } = this.options;
    const rest = {
      measures: (gate: GateName) => gates.includes(gate) && (gate !== 'geometry' || this.hasMatrices),
      isRead: this.left.streamed.size === 0,
      isDecomposed: this.left.decomposed.size === 0,
    };
    return preliminaryVerdict(
      { shares: this.shares(), numbers: this.numbers(), errors, rest, evidence },
      thresholds,
    );
  }

  private shares(): Pick<PreliminaryVerdict, 'readShare' | 'decomposedShare'> {
    const share = (stage: Stage, all: readonly Step[]): number => {
      const elements = all.reduce((sum, { pair }) => sum + pair.elements, 0);
      const left = [...this.left[stage]].reduce(
        (sum, place) => sum + (this.steps[place]?.pair.elements ?? 0),
        0,
      );
      return elements === 0 ? 1 : 1 - left / elements;
    };
    const withMatrices = this.steps.filter(({ matrices }) => matrices !== null);
    return {
      readShare: share('streamed', this.steps),
      decomposedShare: withMatrices.length === 0 ? null : share('decomposed', withMatrices),
    };
  }

  private numbers(): EstimatedNumber[] {
    const found = this.estimates.estimates({
      streamed: this.without('streamed'),
      decomposed: this.without('decomposed'),
    });
    return estimated.map(({ metric, stage, of }) => {
      const rest = this.extremes(stage, this.left[stage]);
      const end = (sums: Sums | undefined): number | null => {
        const value = sums === undefined ? NaN : of(addSums([...this.measured[stage], sums]));
        return Number.isFinite(value) ? value : null;
      };
      const bounds = { least: end(rest?.least), most: end(rest?.most) };
      const { value = null, low = null, high = null } = found.find((each) => each.metric === metric) ?? {};
      return { metric, value: within(value, bounds), ...bounds, ...intersection({ low, high }, bounds) };
    });
  }

  /** What the kinds come to that nothing was measured of; null where that is not known. */
  private without(stage: Stage): Extremes | null {
    const left = this.left[stage];
    return this.extremes(
      stage,
      this.estimates.unrepresented(stage).filter((place) => left.has(place)),
    );
  }

  private extremes(stage: Stage, places: Iterable<number>): Extremes | null {
    const bounds: Extremes[] = [];
    for (const place of places) {
      const step = this.steps[place];
      if (step === undefined) continue;
      const own = stage === 'streamed' ? unreadBounds(step) : this.bounds.get(place);
      if (own === undefined) return null;
      bounds.push(own);
    }
    return {
      least: addSums(bounds.map(({ least }) => least)),
      most: addSums(bounds.map(({ most }) => most)),
    };
  }
}

type Bounds = Pick<EstimatedNumber, 'least' | 'most'>;
type Interval = Pick<EstimatedNumber, 'low' | 'high'>;

function within(value: number | null, { least, most }: Bounds): number | null {
  return value === null ? null : Math.max(least ?? value, Math.min(most ?? value, value));
}

/** The bounds themselves where they leave nothing of the interval, or there is none. */
function intersection({ low, high }: Interval, { least, most }: Bounds): Interval {
  if (low === null || high === null) return { low: least, high: most };
  const both = { low: Math.max(low, least ?? low), high: Math.min(high, most ?? high) };
  return both.low <= both.high ? both : { low: least ?? low, high: most ?? high };
}
