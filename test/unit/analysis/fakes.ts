// A small world for runAnalysis: checkpoints made of plain arrays, a streamer that counts in plain code, and a
// geometry that reports recognisable numbers. Everything can be told to fail or to wait.
import assert from 'node:assert/strict';
import type { Checkpoint, Pairing, TensorPair } from '../../../src/engine/checkpoint/checkpoint.ts';
import type { AnalysisPorts } from '../../../src/engine/analysis/ports.ts';
import type { MeasuredMatrix } from '../../../src/engine/gates/geometry.ts';
import { newAnchorPool } from '../../../src/engine/gates/anchor.ts';
import { newPrecisionPool } from '../../../src/engine/gates/precision.ts';
import { noRounding } from '../../../src/engine/kernels/roundingWatch.ts';
import type {
  StreamResult,
  StreamTotals,
  TensorStreamer,
} from '../../../src/engine/kernels/tensorStreamer.ts';
import type { Gemm } from '../../../src/engine/linalg/gemm.ts';
import type { GeometryMetrics, MaskCount } from '../../../src/shared/report/metrics.ts';
import type { ModuleKind } from '../../../src/shared/report/moduleKinds.ts';
import type { TrainingEvidence } from '../../../src/shared/report/training.ts';
import { noMatrixNull } from '../../support/noNull.ts';
import type { DtypeName } from '../../../src/engine/checkpoint/dtype.ts';
import { noTraining } from '../../support/trainingLike.ts';

export interface FakeTensor {
  name: string;
  shape: number[];
  container?: string | null;
  layer?: number | null;
  module?: ModuleKind;
  dtype?: DtypeName;
  base: number[];
  tuned: number[];
}

/** Deterministic values that differ from tensor to tensor. */
export function ramp(count: number, scale = 1): number[] {
  return Array.from({ length: count }, (_, index) => scale * (1 + (index % 7) / 8));
}

/** A changed matrix named like a layer's projection. */
export function matrix(layer: number, module: ModuleKind, rows: number, columns: number): FakeTensor {
  const base = ramp(rows * columns);
  const tuned = base.map((value, index) => (index % 2 === 0 ? value : value * 1.5));
  const name = `model.layers.${layer}.${module}.weight`;
  return { name, shape: [rows, columns], layer, module, base, tuned };
}

export function pairOf(tensor: FakeTensor): TensorPair {
  const elements = tensor.base.length;
  const stored = {
    name: tensor.name,
    dtype: tensor.dtype ?? 'F32',
    shape: tensor.shape,
    elements,
    offset: 0,
    bytes: elements * 4,
    scale: null,
  };
  return {
    name: tensor.name,
    tunedName: null,
    base: { ...stored, file: '/base/model.safetensors' },
    tuned: { ...stored, file: '/tuned/model.safetensors' },
    shape: tensor.shape,
    elements,
    container: tensor.container ?? null,
    layer: tensor.layer ?? null,
    module: tensor.module ?? 'other',
  };
}

function fakeCheckpoint(path: string): Checkpoint {
  return {
    info: {
      path,
      label: path.slice(1),
      format: 'safetensors',
      files: ['model.safetensors'],
      bytes: 0,
      parameters: 0,
      tensors: 0,
      dtypes: {},
      architecture: null,
      modelType: null,
      step: null,
      namedBase: null,
    },
    folder: path,
    unreadable: [],
    tiesEmbeddings: false,
    notes: [],
    tensors: new Map(),
    metadata: {},
    problems: [],
  };
}

/** Counts as the kernels do, for exact float inputs: changed means different. */
export function fakeTotals({ base, tuned }: FakeTensor): StreamTotals {
  const totals: StreamTotals = {
    ...newPrecisionPool(),
    ...newAnchorPool(),
    identical: true,
    baseOnGrid: true,
    stored: null,
    nonFiniteBase: 0,
    nonFiniteTuned: 0,
    rounding: noRounding(),
    matrices: null,
    rowChanged: null,
    columnChanged: null,
  };
  for (const [index, weight] of base.entries()) {
    const other = tuned[index] ?? Number.NaN;
    if (!Number.isFinite(weight) || !Number.isFinite(other)) {
      totals.nonFinite += 1;
      if (!Number.isFinite(weight)) totals.nonFiniteBase += 1;
      if (!Number.isFinite(other)) totals.nonFiniteTuned += 1;
      totals.identical = false;
      continue;
    }
    const delta = other - weight;
    totals.compared += 1;
    totals.sumSquaresBase += weight * weight;
    totals.sumSquaresDelta += delta * delta;
    totals.maxAbsDelta = Math.max(totals.maxAbsDelta, Math.abs(delta));
    if (Math.abs(delta) <= 1e-5) totals.unchangedAbs1e5 += 1;
    if (delta === 0) continue;
    totals.changedBf16 += 1;
    totals.rawChanged += 1;
    totals.ulpHistogram.overSixteen += 1;
    totals.identical = false;
  }
  return totals;
}

/** What a fake geometry says of a matrix: rotation by its row count, energies and masks by simple rules. */
/** What analyzeMatrix answers: null for equal sides. */
function fakeMeasured(
  base: Float32Array,
  tuned: Float32Array,
  rows: number,
  columns: number,
): MeasuredMatrix | null {
  let deltaEnergy = 0;
  let baseEnergy = 0;
  for (const [index, weight] of base.entries()) {
    deltaEnergy += ((tuned[index] ?? 0) - weight) ** 2;
    baseEnergy += weight ** 2;
  }
  if (deltaEnergy === 0) return null;
  return {
    metrics: fakeGeometry(base, tuned, rows, columns),
    elements: rows * columns,
    deltaEnergy,
    baseEnergy,
    draws: 'A fake has no null.',
    published: null,
  };
}

export function fakeGeometry(
  base: Float32Array,
  tuned: Float32Array,
  rows: number,
  columns: number,
): GeometryMetrics {
  let changed = 0;
  for (const [index, value] of base.entries()) if (tuned[index] !== value) changed += 1;
  const elements = rows * columns;
  const size = Math.round(elements * 0.3);
  const mask = (inside: number): MaskCount => ({ size, changed: inside, changedExpected: null });
  return {
    rows,
    columns,
    matrices: 1,
    shown: 0,
    rank: 1,
    sigmaBase: [rows],
    sigmaTuned: [rows * 1.01],
    spectralDriftTopK: 0.01,
    spectralDriftTopKError: 1e-9,
    spectralDriftFull: 0.02,
    spectralDriftBound: 0.1,
    rotationLeftCurveDeg: [rows],
    rotationLeftMeanDeg: rows,
    rotationLeftMaxDeg: rows,
    rotationRightCurveDeg: [rows],
    rotationRightMeanDeg: rows,
    rotationRightMaxDeg: rows,
    rotationErrorDeg: 1e-6,
    gap: 1,
    wedinBound: 0.5,
    deltaSpectralNorm: 1,
    deltaStableRank: 2,
    residual: 1e-7,
    passes: 4,
    principalEnergy: 0.1,
    principalEnergyExpected: 0.2,
    leftEnergy: 0.3,
    leftEnergyExpected: 0.4,
    rightEnergy: 0.5,
    rightEnergyExpected: 0.6,
    principalLift: 0.5,
    principalOverlap: 0.15,
    lowMagnitudeLift: 1.5,
    lowMagnitudeOverlap: 0.45,
    principalNotLowLift: 0.5,
    lowNotPrincipalLift: 1.5,
    nonPrincipalOrLowLift: 1.2,
    ...noMatrixNull,
    maskCounts: {
      elements,
      changed,
      changedExpected: null,
      principal: mask(Math.floor(size / 4)),
      lowMagnitude: mask(Math.floor(size / 2)),
      principalNotLow: mask(0),
      lowNotPrincipal: mask(1),
      nonPrincipalOrLow: mask(2),
    },
  };
}

export const fakeGemm: Gemm = {
  kind: 'native',
  library: 'fake 1.0',
  elapsedMs: 0,
  operations: 0,
  multiply32: () => Promise.reject(new Error('not used')),
  multiply64: () => Promise.reject(new Error('not used')),
  close: () => Promise.resolve(),
};

export interface FakeWorld {
  tensors: FakeTensor[];
  pairing?: Partial<Pairing>;
  training?: Partial<TrainingEvidence>;
  totalMemoryBytes?: number;
  /** Called before a tensor is streamed; may throw or wait. */
  onStream?: (pair: TensorPair, wantMatrices: boolean) => Promise<void> | void;
  /** Called before a matrix is decomposed; may throw or wait. */
  onMeasure?: (rows: number, columns: number) => Promise<void> | void;
  openGemm?: AnalysisPorts['openGemm'];
  /** Matrices decomposed at once; 1 unless given. */
  lanes?: number;
}

export function fakePorts(world: FakeWorld): AnalysisPorts & { closed: string[] } {
  const closed: string[] = [];
  const byName = new Map(world.tensors.map((tensor) => [tensor.name, tensor]));
  const pairs = world.tensors.map(pairOf);
  const streamer: TensorStreamer = {
    bytesRead: 0,
    async stream(pair, { wantMatrices }): Promise<StreamResult> {
      await world.onStream?.(pair, wantMatrices);
      const tensor = byName.get(pair.name);
      if (tensor === undefined) throw new Error(`no such tensor: ${pair.name}`);
      const side = (values: number[]): Float32Array | null =>
        wantMatrices ? Float32Array.from(values) : null;
      const [base, tuned] = [side(tensor.base), side(tensor.tuned)];
      return { totals: fakeTotals(tensor), base, tuned, packed: null };
    },
    close() {
      closed.push('streamer');
      return Promise.resolve();
    },
  };
  const gemm: Gemm = {
    ...fakeGemm,
    close() {
      closed.push('gemm');
      return Promise.resolve();
    },
  };
  return {
    closed,
    machine: {
      version: '0.0.0',
      threads: 2,
      totalMemoryBytes: world.totalMemoryBytes ?? 2 ** 34,
      peakRssBytes: () => null,
    },
    openCheckpoint: (path) => Promise.resolve(fakeCheckpoint(path)),
    pairCheckpoints: () => ({
      pairs,
      notCompared: [],
      elements: pairs.reduce((sum, { elements }) => sum + elements, 0),
      notes: [],
      ...world.pairing,
    }),
    readTraining: () => Promise.resolve({ ...noTraining, ...world.training }),
    announce: () => Promise.resolve(0),
    close: () => undefined,
    openStreamer: () => Promise.resolve(streamer),
    openGemm: world.openGemm ?? (() => Promise.resolve({ gemm, fallbackReason: null })),
    prepareUpdate: () => Promise.reject(new Error('no fake checkpoint is an adapter')),
    openDecomposer: () => ({
      lanes: world.lanes ?? 1,
      gemmMs: 0,
      peakRssBytes: 0,
      async measure({ layout, ...sides }) {
        const { rows, columns } = layout;
        assert.ok('base' in sides, 'the fake streamer packs nothing');
        const found = fakeMeasured(sides.base, sides.tuned, rows, columns);
        if (found !== null) await world.onMeasure?.(rows, columns);
        return found;
      },
      close() {
        closed.push('decomposer');
        return Promise.resolve();
      },
    }),
    openMemory: () => null,
    log: () => undefined,
  };
}
