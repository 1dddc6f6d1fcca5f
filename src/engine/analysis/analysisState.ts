// Everything a running analysis knows, and the Report as it stands at any moment. One writer: the run itself.
import { problem, type Problem } from '../../shared/errors.ts';
import { layerKey, type LayerId } from '../../shared/report/layers.ts';
import type { AnalysisOptions } from '../../shared/options/options.ts';
import {
  schemaVersion,
  type Coverage,
  type EngineInfo,
  type NotCompared,
  type Report,
  type ReportStatus,
  type TensorReport,
} from '../../shared/report/report.ts';
import { poolErrors } from '../../shared/report/resolution.ts';
import type { Progress } from '../../shared/protocol/analysisEvents.ts';
import type { TrainingEvidence } from '../../shared/report/training.ts';
import type { Regime } from '../../shared/report/verdicts.ts';
import { findFindings } from '../trainingConfig/findings/findFindings.ts';
import type { PreparedUpdate } from '../updates/prepareUpdate.ts';
import type { Checkpoint, Pairing } from '../checkpoint/checkpoint.ts';
import type { StreamTotals } from '../kernels/tensorStreamer.ts';
import type { MeasuredMatrix } from '../gates/geometry.ts';
import type { TensorFinding, HearFinding } from './tensorFinding.ts';
import { decomposingSeconds } from './cost.ts';
import { equalSums, matrixSums, stackGeometry, sumGeometry, type GeometrySums } from './geometryPool.ts';
import { absent, measured } from './measured.ts';
import { Changes, NonFinite } from './oddities.ts';
import type { Plan } from './plan.ts';
import { Pools, stepSync } from './pools.ts';
import { expectedPrecision, storageOf } from './precisionNull.ts';
import { Preliminary } from './preliminary.ts';
import { PublishedPool } from './publishedPool.ts';
import * as rows from './rows.ts';
import type { AnalysisView } from './analysisEmitter.ts';
import { SampleEstimates } from './sampleEstimates.ts';
import { coverageOfSample, sampledRegime, sampleReport } from './sampledRegime.ts';
import { streamedTensor } from './streamedSums.ts';
import { packedShare, summarize } from './summary.ts';
import { unmergedProblems, withUpdates } from './unmerged.ts';
import type { Step } from './step.ts';

interface AnalysisInputs {
  base: Checkpoint;
  tuned: Checkpoint;
  pairing: Pairing;
  plan: Plan;
  options: AnalysisOptions;
  training: TrainingEvidence;
  engine: EngineInfo;
  /** Null where nobody listens. */
  hear: HearFinding | null;
}

/** Where time and bytes stand; asked of the ports when a report is made. */
export interface Meters {
  startedAt: string;
  startedMs: number;
  /** Of what is read, what comes from elsewhere. */
  remoteBytes: number;
  streamMs: number;
  geometryMs: number;
  gemmMs(): number;
  bytesRead(): number;
  peakRssBytes(): number | null;
}

type Aggregates = Pick<Report, 'summary' | 'layers' | 'modules' | 'coverage' | 'sample'>;

export class AnalysisState implements AnalysisView {
  readonly tensors: TensorReport[];
  engine: EngineInfo;
  current: string | null = null;
  private readonly inputs: AnalysisInputs;
  private readonly meters: Meters;
  private readonly pools: Pools;
  private readonly published: PublishedPool;
  /** Null where every tensor is read. */
  private readonly estimates: SampleEstimates | null;
  private readonly preliminary: Preliminary;
  private readonly problems: Problem[] = [];
  /** By place in the plan. */
  private readonly unreadable = new Map<number, NotCompared>();
  /** Tensors of a layer that are not through yet. */
  private readonly openTensors = new Map<string, number>();
  private comparedElements = 0;
  private readonly changes = new Changes();
  private readonly nonFinite = new NonFinite();
  private bytesDone = 0;
  private matricesDone = 0;
  private matrixWorkDone = 0;

  constructor(inputs: AnalysisInputs, meters: Meters) {
    this.inputs = inputs;
    this.meters = meters;
    this.engine = inputs.engine;
    this.pools = new Pools(inputs.plan.steps);
    this.published = new PublishedPool(inputs.plan.steps, inputs.options);
    const { sample, steps } = inputs.plan;
    this.estimates = sample === null ? null : new SampleEstimates(sample, steps);
    this.preliminary = new Preliminary(steps, inputs.options);
    this.tensors = steps.map(rows.pendingRow);
    for (const tensor of this.tensors) this.countOpen(tensor, 1);
  }

  /** A finding of an earlier analysis of the same plan. */
  tell(index: number, step: Step, finding: TensorFinding): TensorReport {
    switch (finding.kind) {
      case 'streamed':
        return this.streamed(index, step, finding.totals, finding.adapter);
      case 'decomposed':
        return this.decomposed(index, step, finding.parts);
      case 'undecomposed':
        return this.undecomposed(index, step, finding.problem);
      case 'unreadable':
        return this.unreadableTensor(index, step, finding.problem);
    }
  }

  streamed(
    index: number,
    step: Step,
    totals: StreamTotals,
    adapter: PreparedUpdate['report'] | null,
  ): TensorReport {
    this.inputs.hear?.(index, { kind: 'streamed', totals, adapter });
    this.bytesDone += step.pair.base.bytes + step.pair.tuned.bytes;
    if (!step.equalityOnly) this.comparedElements += step.pair.elements;
    const equal = rows.isEqual(totals);
    const expected = expectedPrecision(totals, storageOf(step.pair, totals.baseOnGrid));
    this.nonFinite.add(index, step.pair, totals);
    const found = step.equalityOnly ? null : streamedTensor(totals, expected);
    const sync = stepSync(step, totals);
    for (const pool of this.pools.of(step)) pool.addTensor(index, step, found, sync);
    if (!step.equalityOnly) {
      this.estimates?.addTotals(index, totals);
      this.preliminary.streamed(index, step, totals);
    }
    if (equal && step.matrices !== null) {
      const { count } = step.matrices;
      this.addGeometry(index, step, equalSums(step.pair.elements, count));
      this.published.addEqual(index, count);
    }
    if (rows.whyNoSpectrum(totals) !== null) this.matricesPassed(index, step);
    const { options, training } = this.inputs;
    const row = rows.streamedRow(step, totals, expected, options, training.learningRatePeak);
    if (!equal) this.changes.add(index, row);
    return this.put(index, rows.adaptedRow(row, totals, adapter));
  }

  /** @param found one a matrix of the step; null where its sides are equal */
  decomposed(index: number, step: Step, found: readonly (MeasuredMatrix | null)[]): TensorReport {
    this.inputs.hear?.(index, { kind: 'decomposed', parts: found });
    const whole = stackGeometry(found);
    const geometry = whole === null ? absent<typeof whole & object>(rows.equalReason) : measured(whole);
    const parts = geometry.value === null ? [] : found;
    const elements = step.pair.elements / parts.length;
    const sums = sumGeometry(
      parts.map((part) => (part === null ? equalSums(elements, 1) : matrixSums(part))),
    );
    this.addGeometry(index, step, sums);
    if (parts.length === 0) this.published.addEqual(index, step.matrices?.count ?? 0);
    else this.published.add(index, parts);
    this.matricesPassed(index, step);
    return this.put(index, rows.decomposedRow(this.row(index), geometry, this.inputs.options));
  }

  undecomposed(index: number, step: Step, found: Problem): TensorReport {
    this.inputs.hear?.(index, { kind: 'undecomposed', problem: found });
    for (const pool of this.pools.of(step)) pool.addUndecomposed(index, found.message);
    this.matricesPassed(index, step);
    return this.put(index, rows.undecomposedRow(this.row(index), found, this.inputs.options));
  }

  unreadableTensor(index: number, step: Step, found: Problem): TensorReport {
    this.inputs.hear?.(index, { kind: 'unreadable', problem: found });
    const { pair } = step;
    this.bytesDone += pair.base.bytes + pair.tuned.bytes;
    this.matricesPassed(index, step);
    this.preliminary.unreadable(index, step);
    const refused = pair.tuned.adapter === undefined ? {} : { refusedUpdate: true as const };
    this.unreadable.set(index, {
      name: pair.name,
      side: 'both',
      elements: pair.elements,
      reason: found,
      ...refused,
    });
    for (const pool of this.pools.of(step)) pool.addUnreadable(index, found.message);
    return this.put(index, rows.unreadableRow(step, found));
  }

  /** Something wrong with the run that is not one tensor's. */
  addProblem(found: Problem): void {
    this.problems.push(found);
  }

  progress(): Progress {
    const { plan } = this.inputs;
    const elapsedMs = performance.now() - this.meters.startedMs;
    const bytesDone = Math.min(plan.bytes, Math.max(this.bytesDone, this.meters.bytesRead()));
    const done = {
      bytesDone,
      bytesTotal: plan.bytes,
      matrixWorkDone: this.matrixWorkDone,
      matrixWorkTotal: plan.matrixWork,
    };
    return {
      ...done,
      matricesDone: this.matricesDone,
      matricesTotal: plan.matrices,
      elapsedMs,
      remainingMs: remaining(done, elapsedMs),
      current: this.current,
      ...(this.meters.remoteBytes > 0 && { remoteBytes: this.meters.remoteBytes }),
    };
  }

  /** As they stand, with what they say of the whole. */
  aggregates(): Aggregates & Pick<Report, 'preliminary'> {
    const aggregates = this.pooled();
    const { summary, coverage } = aggregates;
    const evidence = {
      gates: summary.gates,
      coverage: this.covered({ ...coverage, compared: this.preliminary.readable }),
      packed: packedShare(coverage),
      unchanged: this.isUnchanged(),
      rounding: this.changes.rounding(),
      training: this.inputs.training,
    };
    const preliminary = this.preliminary.verdict(evidence, poolErrors(summary.geometry.value));
    return { ...aggregates, preliminary };
  }

  /** Share of the parameters that the numbers of what was compared speak for. */
  private covered(coverage: Coverage): number {
    if (this.estimates !== null) return coverageOfSample(coverage, this.estimates.design);
    return coverage.elements === 0 ? 0 : coverage.compared / coverage.elements;
  }

  private isUnchanged(): boolean {
    return this.comparedElements > 0 && this.changes.tensors === 0;
  }

  private pooled(): Aggregates {
    const { estimates } = this;
    const { options, training } = this.inputs;
    const coverage = this.coverage();
    const tidings = {
      covered: this.covered(coverage),
      unchanged: this.isUnchanged(),
      rounding: this.changes.rounding(),
    };
    const summary = summarize(this.pools.whole, tidings, coverage, training, options);
    const regime = withUpdates(summary.regime, coverage.notCompared, this.allProblems(summary.regime));
    const sample = estimates === null ? null : sampleReport(estimates, summary.gates);
    return {
      ...(sample === null ? {} : { sample }),
      summary: { ...summary, regime: sample === null ? regime : sampledRegime(regime, sample) },
      layers: this.pools.layerReports(options, training.learningRatePeak),
      modules: this.pools.moduleReports(options, training.learningRatePeak),
      coverage,
    };
  }

  report(status: ReportStatus): Report {
    const { base, tuned, options, training } = this.inputs;
    const { meters } = this;
    const aggregates = status === 'running' ? this.aggregates() : this.pooled();
    const report: Report = {
      schemaVersion,
      status,
      pair: { base: base.info, tuned: tuned.info },
      options,
      engine: this.engine,
      ...aggregates,
      tensors: [...this.tensors],
      published: status === 'running' ? null : this.published.statistics(aggregates.summary.precision),
      training,
      problems: this.allProblems(aggregates.summary.regime),
      timings: {
        startedAt: meters.startedAt,
        elapsedMs: performance.now() - meters.startedMs,
        streamMs: meters.streamMs,
        geometryMs: meters.geometryMs,
        gemmMs: meters.gemmMs(),
        bytesRead: meters.bytesRead(),
        peakRssBytes: meters.peakRssBytes(),
      },
    };
    // Findings that cite measurements wait for the end, and for all tensors: half a measurement is no evidence.
    if (status === 'running' || report.sample !== undefined) return report;
    return { ...report, training: { ...training, findings: findFindings(training, report, []) } };
  }

  /** Whether every tensor of the step's layer is through. */
  isLayerComplete({ pair }: Step): boolean {
    return (this.openTensors.get(layerKey(pair)) ?? 0) === 0;
  }

  /** What a cancelled run did not reach is listed with that reason. */
  coverageOfCancelled(): void {
    for (const [index, { pair }] of this.inputs.plan.steps.entries()) {
      if (this.row(index).status !== 'pending') continue;
      const message = `${pair.name} was not reached before the analysis was cancelled.`;
      const reason = problem('cancelled', message, { tensor: pair.name });
      this.unreadable.set(index, { name: pair.name, side: 'both', elements: pair.elements, reason });
    }
  }

  private allProblems(regime: Regime): Problem[] {
    const { base, tuned } = this.inputs;
    const unmerged = regime.name === 'unchanged' ? unmergedProblems(tuned) : [];
    return [...base.problems, ...tuned.problems, ...unmerged, ...this.nonFinite.problems(), ...this.problems];
  }

  private coverage(): Coverage {
    const { pairing, plan } = this.inputs;
    return {
      elements: pairing.elements,
      compared: this.comparedElements,
      share: pairing.elements === 0 ? 0 : this.comparedElements / pairing.elements,
      notCompared: [...pairing.notCompared, ...plan.leftOut, ...inPlace(this.unreadable)],
      notes: pairing.notes,
    };
  }

  private addGeometry(index: number, step: Step, sums: GeometrySums): void {
    for (const pool of this.pools.of(step)) pool.addGeometry(index, sums);
    this.estimates?.addGeometry(index, sums);
    this.preliminary.decomposed(index, sums);
  }

  private matricesPassed(index: number, step: Step): void {
    const { matrices } = step;
    if (matrices === null) return;
    this.preliminary.undecomposed(index);
    this.matricesDone += matrices.count;
    this.matrixWorkDone += decomposingSeconds(step, this.inputs.options);
  }

  private row(index: number): TensorReport {
    const row = this.tensors[index];
    if (row === undefined) throw new RangeError(`No tensor ${index} in the plan`);
    return row;
  }

  private put(index: number, row: TensorReport): TensorReport {
    if (!isThrough(this.row(index)) && isThrough(row)) this.countOpen(row, -1);
    this.tensors[index] = row;
    return row;
  }

  private countOpen(layer: LayerId, change: number): void {
    const key = layerKey(layer);
    this.openTensors.set(key, (this.openTensors.get(key) ?? 0) + change);
  }
}

/** In the order of the plan. */
function inPlace<Value>(found: ReadonlyMap<number, Value>): Value[] {
  return [...found].sort(([one], [other]) => one - other).map(([, value]) => value);
}

function isThrough({ status }: TensorReport): boolean {
  return status === 'done' || status === 'unreadable';
}

/** Reading and decomposing overlap, so the slower of the two decides; null before a tenth of a second of work. */
function remaining(
  done: Pick<Progress, 'bytesDone' | 'bytesTotal' | 'matrixWorkDone' | 'matrixWorkTotal'>,
  elapsedMs: number,
): number | null {
  const left = (part: number, whole: number): number | null => {
    if (part >= whole) return 0;
    return part === 0 ? null : (elapsedMs * (whole - part)) / part;
  };
  const bytes = left(done.bytesDone, done.bytesTotal);
  const matrices = left(done.matrixWorkDone, done.matrixWorkTotal);
  return elapsedMs < 100 || bytes === null || matrices === null ? null : Math.max(bytes, matrices);
}
