// The pools of a running analysis: one per layer, one per module kind and one for the whole model. Each takes the
// totals of a tensor and the matrices of its geometry, and gives its aggregate at any time.
import { addAnchor, newAnchorPool, poolAnchor } from '../gates/anchor.ts';
import {
  addExpected,
  addPrecision,
  newExpected,
  newPrecisionPool,
  poolPrecision,
  type ExpectedPrecision,
} from '../gates/precision.ts';
import { addSyncCost, noSyncCost, syncCost, whyNoSync } from './syncCost.ts';
import { judge, poolReadings } from '../gates/verdict.ts';
import { inReadingOrder, layerKey, layerLabel, type LayerId } from '../../shared/report/layers.ts';
import type { AnalysisOptions, GateName } from '../../shared/options/options.ts';
import { moduleKinds, type ModuleKind } from '../../shared/report/moduleKinds.ts';
import type { SyncCost } from '../../shared/report/syncCost.ts';
import type { Aggregate, LayerReport, Measured, ModuleReport } from '../../shared/report/report.ts';
import type { StreamTotals } from '../kernels/tensorStreamer.ts';
import { poolGeometry, sumGeometry, type GeometrySums } from './geometryPool.ts';
import { absent, measured, measuredOr } from './measured.ts';
import { notSelected } from './plan.ts';
import type { Step } from './step.ts';

const nothingYet = 'Nothing has been measured here yet.';
export const nothingFinite = 'Every element is NaN or infinite on one side.';

/** What was added over a set of tensors. */
export class Pool {
  tensors = 0;
  elements = 0;
  private readonly precision = newPrecisionPool();
  private expected: ExpectedPrecision | null = newExpected();
  private readonly anchor = newAnchorPool();
  /**
   * By place in the plan. Decompositions finish, or are recalled from an earlier run, in any order; adding them up in
   * the plan's order gives the same last digit every time.
   */
  private readonly geometry = new Map<number, GeometrySums>();
  /** Why there is no geometry, from the last tensor that had none. */
  noGeometry = nothingYet;
  equalityOnly = 0;
  private unreadable: string | null = null;
  private readonly sync = noSyncCost();
  /** Why there is no cost of sending it; null where there is. */
  private noSync: string | null = null;

  addTensor(step: Step, totals: StreamTotals, expected: ExpectedPrecision | null): void {
    this.tensors += 1;
    this.elements += step.pair.elements;
    if (step.equalityOnly) this.equalityOnly += 1;
    else {
      addPrecision(this.precision, totals);
      this.expected = addExpected(this.expected, expected);
      addAnchor(this.anchor, totals);
    }
    const sync = stepSync(step, totals);
    if (sync.value === null) this.noSync = sync.reason;
    else addSyncCost(this.sync, sync.value);
    if (step.noGeometry !== null) this.noGeometry = step.noGeometry;
  }

  addGeometry(index: number, sums: GeometrySums): void {
    this.geometry.set(index, sums);
  }

  /** A tensor that gave nothing: its elements are not in the pool, its reason is. */
  addUnreadable(reason: string): void {
    this.tensors += 1;
    this.unreadable = reason;
    this.noSync = reason;
    this.noGeometry = reason;
  }

  aggregate(options: AnalysisOptions, learningRatePeak: number | null): Aggregate {
    const { precision, anchor } = this.streamed(options, learningRatePeak);
    const inOrder = [...this.geometry].sort(([left], [right]) => left - right).map(([, sums]) => sums);
    const geometry = poolGeometry(sumGeometry(inOrder), selected(options, 'geometry') ?? this.noGeometry);
    const verdicts = judge({ anchor, geometry: poolReadings(geometry), precision }, options.thresholds);
    const noSync = this.noSync ?? (this.tensors === 0 ? nothingYet : null);
    const sync = noSync === null ? measured({ ...this.sync }) : absent<SyncCost>(noSync);
    return { tensors: this.tensors, elements: this.elements, precision, anchor, geometry, verdicts, sync };
  }

  private streamed(
    options: AnalysisOptions,
    learningRatePeak: number | null,
  ): Pick<Aggregate, 'precision' | 'anchor'> {
    const none = this.whyNothingCompared();
    const notPrecision = selected(options, 'precision');
    const notAnchor = selected(options, 'anchor');
    return {
      precision:
        notPrecision === null
          ? measuredOr(poolPrecision(this.precision, this.expected, learningRatePeak), none)
          : absent(notPrecision),
      anchor: notAnchor === null ? measuredOr(poolAnchor(this.anchor), none) : absent(notAnchor),
    };
  }

  /** The reason where no element could be compared. */
  private whyNothingCompared(): string {
    if (this.tensors === 0) return nothingYet;
    if (this.unreadable !== null) return this.unreadable;
    if (this.equalityOnly === this.tensors) return 'Integers and booleans are compared for equality only.';
    return nothingFinite;
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
  readonly whole = new Pool();
  private readonly layers = new Map<string, LayerId & { pool: Pool }>();
  private readonly modules = new Map<ModuleKind, Pool>();

  constructor(steps: readonly Step[]) {
    // All exist from the start, so that a report of a cancelled run still lists every layer.
    for (const { pair } of steps) {
      const { container, layer } = pair;
      const key = layerKey(pair);
      if (!this.layers.has(key)) this.layers.set(key, { container, layer, pool: new Pool() });
      if (!this.modules.has(pair.module)) this.modules.set(pair.module, new Pool());
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
