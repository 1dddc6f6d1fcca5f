// The pools of a running analysis: one per layer, one per module kind and one for the whole model. Each takes the
// totals of a tensor and the matrices of its geometry, and gives its aggregate at any time.
import { poolAnchor } from '../gates/anchor.ts';
import { poolPrecision } from '../gates/precision.ts';
import { addSyncCost, noSyncCost, syncCost, whyNoSync } from './syncCost.ts';
import { judge, poolReadings } from '../gates/verdict.ts';
import { inReadingOrder, layerKey, layerLabel, type LayerId } from '../../shared/report/layers.ts';
import type { AnalysisOptions, GateName } from '../../shared/options/options.ts';
import { moduleKinds, type ModuleKind } from '../../shared/report/moduleKinds.ts';
import type { SyncCost } from '../../shared/report/syncCost.ts';
import type { Aggregate, LayerReport, Measured, ModuleReport } from '../../shared/report/report.ts';
import type { StreamTotals } from '../kernels/tensorStreamer.ts';
import { poolGeometry, sumGeometry, type GeometrySums } from './geometryPool.ts';
import { grouped } from './grouped.ts';
import { absent, measured, measuredOr } from './measured.ts';
import { StreamedSums, type StreamedTensor } from './streamedSums.ts';
import { notSelected } from './plan.ts';
import type { Step } from './step.ts';

const nothingYet = 'Nothing has been measured here yet.';
export const nothingFinite = 'Every element is NaN or infinite on one side.';

/** What was added over a set of tensors. */
export class Pool {
  tensors = 0;
  elements = 0;
  private readonly streamed: StreamedSums;
  /**
   * By place in the plan. Decompositions finish, or are recalled from an earlier run, in any order; adding them up in
   * the plan's order gives the same last digit every time.
   */
  private readonly geometry = new Map<number, GeometrySums>();
  private readonly noGeometry = new LastReason();
  private equalityOnly = 0;
  private readonly unreadable = new LastReason();
  private readonly sync = noSyncCost();
  private readonly noSync = new LastReason();

  /** @param places of its tensors in the plan, ascending */
  constructor(places: readonly number[]) {
    this.streamed = new StreamedSums(places);
  }

  /** @param found null where only equality was compared */
  addTensor(index: number, step: Step, found: StreamedTensor | null, sync: Measured<SyncCost>): void {
    this.tensors += 1;
    this.elements += step.pair.elements;
    if (found === null) this.equalityOnly += 1;
    this.streamed.add(index, found);
    if (sync.value === null) this.noSync.tell(index, sync.reason);
    else addSyncCost(this.sync, sync.value);
    if (step.noGeometry !== null) this.noGeometry.tell(index, step.noGeometry);
  }

  addGeometry(index: number, sums: GeometrySums): void {
    this.geometry.set(index, sums);
  }

  addUndecomposed(index: number, reason: string): void {
    this.noGeometry.tell(index, reason);
  }

  /** A tensor that gave nothing: its elements are not in the pool, its reason is. */
  addUnreadable(index: number, reason: string): void {
    this.tensors += 1;
    this.streamed.add(index, null);
    this.unreadable.tell(index, reason);
    this.noSync.tell(index, reason);
    this.noGeometry.tell(index, reason);
  }

  aggregate(options: AnalysisOptions, learningRatePeak: number | null): Aggregate {
    const { precision, anchor } = this.streamedMetrics(options, learningRatePeak);
    const inOrder = [...this.geometry].sort(([left], [right]) => left - right).map(([, sums]) => sums);
    const geometry = poolGeometry(
      sumGeometry(inOrder),
      selected(options, 'geometry') ?? this.noGeometry.last ?? nothingYet,
    );
    const verdicts = judge({ anchor, geometry: poolReadings(geometry), precision }, options.thresholds);
    const noSync = this.noSync.last ?? (this.tensors === 0 ? nothingYet : null);
    const sync = noSync === null ? measured({ ...this.sync }) : absent<SyncCost>(noSync);
    return { tensors: this.tensors, elements: this.elements, precision, anchor, geometry, verdicts, sync };
  }

  private streamedMetrics(
    options: AnalysisOptions,
    learningRatePeak: number | null,
  ): Pick<Aggregate, 'precision' | 'anchor'> {
    const none = this.whyNothingCompared();
    const notPrecision = selected(options, 'precision');
    const notAnchor = selected(options, 'anchor');
    const sums = this.streamed.sums();
    return {
      precision:
        notPrecision === null
          ? measuredOr(poolPrecision(sums.precision, sums.expected, learningRatePeak), none)
          : absent(notPrecision),
      anchor: notAnchor === null ? measuredOr(poolAnchor(sums.anchor), none) : absent(notAnchor),
    };
  }

  /** The reason where no element could be compared. */
  private whyNothingCompared(): string {
    if (this.tensors === 0) return nothingYet;
    if (this.unreadable.last !== null) return this.unreadable.last;
    if (this.equalityOnly === this.tensors) return 'Integers and booleans are compared for equality only.';
    return nothingFinite;
  }
}

/** A reason that several tensors may give: that of the last in the plan, whoever told first. */
class LastReason {
  last: string | null = null;
  private place = -1;

  tell(place: number, reason: string): void {
    if (place < this.place) return;
    this.place = place;
    this.last = reason;
  }
}

/** What sending a tensor's update takes. */
export function stepSync({ pair }: Step, { stored }: StreamTotals): Measured<SyncCost> {
  const why = whyNoSync(pair);
  if (why !== null) return absent(why);
  return measured(syncCost(pair.tuned.dtype, pair.elements, stored));
}

/** Why a gate is not measured at all; null when it was selected. */
export function selected(options: AnalysisOptions, gate: GateName): string | null {
  return options.gates.includes(gate) ? null : notSelected;
}

/** All pools at once; a tensor belongs to three. */
export class Pools {
  readonly whole: Pool;
  private readonly layers = new Map<string, LayerId & { pool: Pool }>();
  private readonly modules = new Map<ModuleKind, Pool>();

  constructor(steps: readonly Step[]) {
    // All exist from the start, so that a report of a cancelled run still lists every layer.
    const places = [...steps.entries()];
    const poolOf = (own: typeof places): Pool => new Pool(own.map(([place]) => place));
    this.whole = poolOf(places);
    for (const own of grouped(places, ([, { pair }]) => layerKey(pair))) {
      const { container = null, layer = null } = own[0]?.[1].pair ?? {};
      this.layers.set(layerKey({ container, layer }), { container, layer, pool: poolOf(own) });
    }
    for (const own of grouped(places, ([, { pair }]) => pair.module)) {
      this.modules.set(own[0]?.[1].pair.module ?? 'other', poolOf(own));
    }
  }

  /** The three pools that a step belongs to. */
  of({ pair }: Step): Pool[] {
    return [this.layers.get(layerKey(pair))?.pool, this.modules.get(pair.module), this.whole].filter(
      (pool) => pool !== undefined,
    );
  }

  layerReports(options: AnalysisOptions, learningRatePeak: number | null): LayerReport[] {
    return inReadingOrder([...this.layers.values()]).map(({ container, layer, pool }) => ({
      container,
      layer,
      label: layerLabel({ container, layer }),
      ...pool.aggregate(options, learningRatePeak),
    }));
  }

  moduleReports(options: AnalysisOptions, learningRatePeak: number | null): ModuleReport[] {
    return moduleKinds.flatMap((module) => {
      const pool = this.modules.get(module);
      return pool === undefined ? [] : [{ module, ...pool.aggregate(options, learningRatePeak) }];
    });
  }
}
