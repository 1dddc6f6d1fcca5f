// Made-up reports for tests and the gallery: any model shape, any kind of training, any state, from a seed.
import { problem, type Problem } from '../../src/shared/errors.ts';
import { nameRegime } from '../../src/engine/gates/regime.ts';
import { unknownVerdicts } from '../../src/engine/gates/verdict.ts';
import { optimizerOf, stepBoundOf } from '../../src/engine/trainingConfig/optimizer.ts';
import { inReadingOrder, layerKey, layerLabel, sameLayer } from '../../src/shared/report/layers.ts';
import { defaultOptions } from '../../src/shared/options/catalogue.ts';
import { defaultThresholds } from '../../src/shared/options/thresholds.ts';
import { panelReport, type PanelReport } from '../../src/shared/protocol/panelReport.ts';
import type { PanelDocument, RunState } from '../../src/shared/protocol/panelProtocol.ts';
import { moduleKinds } from '../../src/shared/report/moduleKinds.ts';
import {
  schemaVersion,
  type CheckpointInfo,
  type LoggedKl,
  type Measured,
  type NotCompared,
  type Report,
  type ReportStatus,
  type Summary,
  type TensorReport,
} from '../../src/shared/report/report.ts';
import type { Progress } from '../../src/shared/protocol/analysisEvents.ts';
import type { TrainingEvidence } from '../../src/shared/report/training.ts';
import { modelShapes, tensorShapes, type ModelShape, type TensorShape } from './modelShapes.ts';
import { poolLike } from './poolLike.ts';
import { publishedLike } from './publishedLike.ts';
import { seeded, type Random } from './random.ts';
import { syncLike } from './syncLike.ts';
import { anchorOf, effects, elementsOf, geometryOf, precisionOf } from './tensorNumbers.ts';
import { grpoTraining, noTraining, sftTraining } from './trainingLike.ts';

interface ReportWishes {
  model?: keyof typeof modelShapes;
  training?: keyof typeof effects;
  seed?: number;
  status?: ReportStatus;
  /** Share of the tensors that are done, in order; the next ones are streamed only, the rest wait. */
  done?: number;
  /** Positions of tensors that could not be read. */
  unreadable?: readonly number[];
  evidence?: TrainingEvidence;
  /** Leading singular triplets per matrix. */
  rank?: number;
  /** The tuned side is an adapter on the layers' matrices. */
  adapter?: boolean;
  /** Multiplies the error bounds of the geometry: from some size on nothing is resolved. */
  errors?: number;
}

export function makeReport(wishes: ReportWishes = {}): Report {
  const { model = 'qwen', training = 'rlvr', seed = 7, status = 'complete', done = 1, rank = 64 } = wishes;
  const shape = modelShapes[model];
  const random = seeded(seed);
  const shapes = tensorShapes(shape);
  const evidence = wishes.evidence ?? (training === 'sft' ? sftTraining() : grpoTraining());
  const tensors = shapes.map((tensor, index) => {
    const plain = makeTensor(tensor, training, rank, depthFactor(tensor, shape), random);
    const made = withErrors(wishes.adapter === true ? adapted(plain) : plain, wishes.errors ?? 1);
    if (wishes.unreadable?.includes(index)) return unreadable(made);
    const place = index / shapes.length;
    return place < done ? made : waiting(made, place < done + 0.08);
  });
  const matrices = shapes.filter(({ shape: sizes }) => sizes.length > 1).length;
  const published =
    status === 'complete'
      ? publishedLike(training === 'noise' || training === 'cast' ? 'rlvr' : training, matrices)
      : null;
  return { ...assemble(tensors, shape, status, evidence), published };
}

/** Everything of a report that follows from its tensors. */
export function assemble(
  tensors: TensorReport[],
  shape: ModelShape,
  status: ReportStatus,
  training: TrainingEvidence,
): Report {
  const kl = loggedKl(training);
  const { verdicts: gates, ...pool } = poolLike(tensors, kl);
  const ids = new Map(
    tensors.map(({ container, layer }) => [layerKey({ container, layer }), { container, layer }]),
  );
  const layers = inReadingOrder([...ids.values()]).map((id) => ({
    ...id,
    label: layerLabel(id),
    ...poolLike(tensors.filter((tensor) => sameLayer(tensor, id))),
  }));
  const modules = moduleKinds
    .filter((kind) => tensors.some(({ module }) => module === kind))
    .map((module) => ({ module, ...poolLike(tensors.filter((tensor) => tensor.module === module)) }));
  const notCompared = tensors.filter(({ status: state }) => state === 'unreadable').map(refused);
  const elements = pool.elements;
  const compared = elements - notCompared.reduce((sum, each) => sum + each.elements, 0);
  const summary: Summary = {
    ...pool,
    gates,
    regime: nameRegime(
      {
        gates,
        coverage: compared / elements,
        unchanged: tensors.every(({ identical }) => identical),
        packed: 0,
        rounding: null,
        training,
      },
      defaultThresholds,
    ),
    ...{ kl, sync: syncLike(tensors) },
    meanCurvature: kl.value === null ? null : 0.0041,
    meanCurvatureUnit: kl.value === null ? null : 'per token',
    meanCurvatureLength: null,
    stepEnvelope: training.learningRateSum === null ? null : 0.62,
    stepBound: stepBoundOf(training.config),
    optimizer: optimizerOf(training.config),
  };
  return {
    schemaVersion,
    status,
    pair: {
      base: checkpoint('/models/Qwen2.5-Math-1.5B', 'Qwen2.5-Math-1.5B', tensors, shape, null),
      tuned: checkpoint('/runs/grpo-run7/checkpoint-400', 'grpo-run7/checkpoint-400', tensors, shape, 400),
    },
    options: { ...defaultOptions },
    engine: {
      ...{ version: '0.2.0', gemm: 'native', gemmLibrary: 'onnxruntime-node 1.30.0', fallbackReason: null },
      ...{ threads: 8, memoryBytes: 8e9 },
    },
    coverage: {
      elements,
      compared,
      share: compared / elements,
      notCompared,
      notes: ['lm_head is tied to the embedding'],
    },
    ...{ summary, layers, modules, tensors, published: null, training, problems: [] },
    timings: {
      ...{ startedAt: '2026-01-01T00:00:00.000Z', elapsedMs: 161_000, streamMs: 38_000, geometryMs: 121_000 },
      ...{ gemmMs: 96_000, bytesRead: elements * 4, peakRssBytes: 3.1e9 },
    },
  };
}

function loggedKl({ logs }: TrainingEvidence): Measured<LoggedKl> {
  const log = logs.find(({ signal }) => signal === 'klReference');
  if (log === undefined) {
    const reason = 'No training log with a KL to the reference was found beside the tuned checkpoint.';
    return { value: null, reason };
  }
  const { last, mean, peak, key, file, estimator } = log;
  return { value: { last, mean, peak, key, file, estimator }, reason: null };
}

const wholes = new WeakMap<PanelReport, Report>();

/** The whole report behind one that `makeDocument` made for the panel. */
export function wholeOf(report: PanelReport): Report | null {
  return wholes.get(report) ?? null;
}

/** A document around a report as the host sends it, in the run state that belongs to the report's status. */
export function makeDocument(report: Report | null, run?: RunState): PanelDocument {
  const held = report && panelReport(report);
  if (report !== null && held !== null) wholes.set(held, report);
  const fitting: RunState =
    report === null
      ? { kind: 'idle' }
      : report.status === 'cancelled'
        ? { kind: 'cancelled' }
        : { kind: 'complete' };
  return {
    title: 'Qwen2.5-Math-1.5B → grpo-run7/checkpoint-400',
    basePath: '../models/Qwen2.5-Math-1.5B',
    tunedPath: 'grpo-run7/checkpoint-400',
    ...{ unsaved: false, canAsk: false },
    report: held,
    run: run ?? fitting,
  };
}

export function makeProgress(report: Report, share: number): Progress {
  const bytesTotal = report.coverage.elements * 4;
  const matrices = report.tensors.filter(({ shape }) => shape.length > 1);
  const elements = matrices.reduce((sum, tensor) => sum + tensor.elements, 0);
  return {
    bytesDone: bytesTotal * Math.min(1, share * 1.6),
    bytesTotal,
    matrixWorkDone: elements * share,
    matrixWorkTotal: elements,
    matricesDone: Math.floor(matrices.length * share),
    matricesTotal: matrices.length,
    elapsedMs: 161_000 * share,
    remainingMs: share > 0.02 ? 161_000 * (1 - share) : null,
    current: matrices[Math.floor(matrices.length * share)]?.name ?? null,
  };
}

/** A report of two equal checkpoints. */
export function makeUnchanged(model: keyof typeof modelShapes = 'nano'): Report {
  const report = makeReport({ model });
  const tensors = report.tensors.map((tensor) => {
    const { precision } = tensor;
    if (precision.value === null) return tensor;
    const { compared } = precision.value.counts;
    const none = {
      one: 0,
      two: 0,
      threeToFour: 0,
      fiveToEight: 0,
      nineToSixteen: 0,
      overSixteen: 0,
      signFlips: 0,
    };
    const counts = { ...precision.value.counts, changedBf16: 0, rawChanged: 0, unchangedAbs1e5: compared };
    const value = {
      ...precision.value,
      ...{
        sparsityBf16: 1,
        rawChanged: 0,
        hiddenByBf16: null,
        unchangedAbs1e5: 1,
        ulpHistogram: none,
        counts,
        stripe: null,
        sparsityBf16Expected: null,
        ulpHistogramExpected: null,
      },
    };
    const anchor = tensor.anchor.value && {
      ...tensor.anchor.value,
      ...{ deltaFrobenius: 0, relativeDrift: 0, maxAbsDelta: 0, rmsDelta: 0, topPercentEnergy: null },
    };
    const equal: TensorReport = {
      ...tensor,
      identical: true,
      precision: { value, reason: null },
      anchor: anchor === null ? tensor.anchor : { value: anchor, reason: null },
      geometry: { value: null, reason: 'Both sides are bitwise equal, so nothing moved.' },
    };
    return { ...equal, verdicts: poolLike([equal]).verdicts };
  });
  return assemble(tensors, modelShapes[model], 'complete', noTraining);
}

/** A report of a cast without any training. */
export function makeCast(): Report {
  const report = makeReport({ training: 'cast', evidence: noTraining });
  const { summary, coverage } = report;
  const regime = nameRegime(
    {
      gates: summary.gates,
      coverage: coverage.share,
      unchanged: false,
      packed: 0,
      rounding: 'every value is the base’s, cast to F16',
      training: noTraining,
    },
    defaultThresholds,
  );
  const values = problem(
    'internal',
    '3 elements of model.layers.4.mlp.down_proj.weight are NaN or infinite on the tuned side and left out of every metric.',
  );
  return { ...report, summary: { ...summary, regime }, problems: [values] };
}

function makeTensor(
  tensor: TensorShape,
  training: keyof typeof effects,
  rank: number,
  depth: number,
  random: Random,
): TensorReport {
  const base = effects[training];
  const effect = {
    ...base,
    drift: base.drift * depth,
    rotationDeg: base.rotationDeg * depth,
    sparsity: base.sparsity ** depth,
  };
  const precision = precisionOf(tensor, effect, 2 * rank, random);
  const anchor = anchorOf(tensor, effect, random);
  const made: TensorReport = {
    ...{
      name: tensor.name,
      tunedName: null,
      container: tensor.container ?? null,
      layer: tensor.layer,
      module: tensor.module,
      shape: tensor.shape,
    },
    ...{ dtypes: ['BF16', 'BF16'], elements: elementsOf(tensor.shape), status: 'done', identical: false },
    precision: { value: precision, reason: null },
    anchor: { value: anchor, reason: null },
    geometry:
      tensor.shape.length < 2
        ? { value: null, reason: 'A vector has no singular values.' }
        : { value: geometryOf(tensor, effect, precision, anchor, rank, random), reason: null },
    verdicts: unknownVerdicts('Not measured yet.'),
    problem: null,
  };
  return { ...made, verdicts: poolLike([made]).verdicts };
}

function adapted(tensor: TensorReport): TensorReport {
  if (tensor.layer === null || tensor.shape.length < 2) return tensor;
  const [rows = 1, columns = 1] = tensor.shape;
  return {
    ...tensor,
    adapter: {
      ...{ method: 'LoRA', rank: 16, scaling: 2, correction: null, absorbedOnMerge: 0.41 },
      alignment: {
        ...{ rowEnergy: 9 / columns, rowEnergyExpected: 16 / columns },
        ...{ columnEnergy: 14 / rows, columnEnergyExpected: 16 / rows },
        ...{ subspace: 16, rowLeading: 0.02, rowTrailing: 0.11, rowSubspaceExpected: 16 / columns },
        ...{ columnLeading: 0.03, columnTrailing: 0.09, columnSubspaceExpected: 16 / rows },
      },
    },
  };
}

function withErrors(tensor: TensorReport, factor: number): TensorReport {
  const { value } = tensor.geometry;
  if (value === null || factor === 1) return tensor;
  const spectralDriftTopKError = value.spectralDriftTopKError && value.spectralDriftTopKError * factor;
  const rotationErrorDeg = Math.min(90, value.rotationErrorDeg * factor);
  return {
    ...tensor,
    geometry: { value: { ...value, spectralDriftTopKError, rotationErrorDeg }, reason: null },
  };
}

function unreadable(tensor: TensorReport): TensorReport {
  const reason = problem(
    'dtype-unsupported',
    `${tensor.name} is stored as F8_E8M0 in model-00002-of-00004.safetensors, which this version does not decode.`,
    { file: 'model-00002-of-00004.safetensors', tensor: tensor.name },
  );
  return { ...unmeasured(tensor, reason.message), status: 'unreadable', problem: reason };
}

/** A tensor as it stood before its matrix was decomposed, or before it was read. */
export function waiting(tensor: TensorReport, streamed: boolean): TensorReport {
  if (!streamed) return { ...unmeasured(tensor, 'Not measured yet.'), status: 'pending' };
  const half: TensorReport = {
    ...tensor,
    status: 'streamed',
    geometry: { value: null, reason: 'Not measured yet.' },
  };
  return { ...half, verdicts: poolLike([half]).verdicts };
}

function unmeasured(tensor: TensorReport, reason: string): TensorReport {
  const nothing = { value: null, reason };
  return {
    ...tensor,
    precision: nothing,
    anchor: nothing,
    geometry: nothing,
    verdicts: unknownVerdicts(reason),
  };
}

function refused(tensor: TensorReport): NotCompared {
  const reason: Problem = tensor.problem ?? problem('read-failed', `${tensor.name} could not be read.`);
  return { name: tensor.name, side: 'tuned', elements: tensor.elements, reason };
}

/** Later layers move a little more, so that the map has something to show. */
function depthFactor({ layer }: TensorShape, { layers }: ModelShape): number {
  return layer === null ? 0.4 : 0.6 + (0.9 * layer) / layers;
}

function checkpoint(
  path: string,
  label: string,
  tensors: readonly TensorReport[],
  shape: ModelShape,
  step: number | null,
): CheckpointInfo {
  const parameters = tensors.reduce((sum, tensor) => sum + tensor.elements, 0);
  return {
    ...{
      path,
      label,
      step,
      parameters,
      tensors: tensors.length,
      bytes: parameters * 2,
      dtypes: { BF16: parameters },
    },
    ...{
      format: 'safetensors',
      files: ['model.safetensors'],
      architecture: shape.architecture,
      modelType: 'qwen2',
    },
    namedBase: step === null ? null : { name: 'Qwen/Qwen2.5-Math-1.5B', from: 'grpo_config.yaml' },
  };
}
