// Makes an adapter's update of one tensor ready for the streaming pass, after holding it against the base: an update
// that only undoes what its initialisation took out of the base, or a base that is such a residual, is refused.
import { ThreeGateError } from '../../shared/errors.ts';
import type { StoredTensor } from '../checkpoint/checkpoint.ts';
import type { Rectangle } from '../kernels/chunkPlan.ts';
import type { TensorAdapter } from '../../shared/report/report.ts';
import type { Update } from '../kernels/tensorStreamer.ts';
import type { AdapterUpdate } from '../checkpoint/adapterUpdate.ts';
import { alignmentOf, type Alignment } from './alignment.ts';
import {
  type AdapterEngine,
  type BaseMatrix,
  initialPart,
  joined,
  type LowRank,
  namedUpdate,
  type WeightUpdate,
} from './lowRank.ts';
import { readFactor } from './readFactor.ts';
import { givenRows, stackDelta } from './stackDelta.ts';

export interface PreparedUpdate {
  update: Update;
  /** ΔW = L·R as its factors; null where it is none: a bias, a stack, rows that are given or that DoRA scales. */
  factors: LowRank | null;
  /** What the report says of it; `absorbedOnMerge` comes from the streaming pass. */
  report: Omit<TensorAdapter, 'absorbedOnMerge'>;
}

/** A subspace with less than this share of its random expectation lies where the base has next to nothing. */
const emptyShare = 0.05;
/** An update this large, relative to the base's mean energy in as many directions, moves whole principal parts. */
const largeShare = 0.25;

/** `tensor.adapter` is there; `base` reads the base's tensor of the same name. */
export async function prepareUpdate(
  engine: AdapterEngine,
  tensor: StoredTensor,
  update: AdapterUpdate,
  base: () => Promise<Float32Array>,
): Promise<PreparedUpdate> {
  if (update.kind === 'bias') return prepareBias(engine, update);
  if (update.kind === 'stack') return prepareStack(engine, update);
  if (update.kind === 'rows') return prepareRows(engine, update);
  const [rows = 0, columns = 0] = tensor.shape;
  const matrix: BaseMatrix = { data: await base(), rows, columns };
  const named = await namedUpdate(engine, update);
  const alignment = await alignmentOf(engine.gemm, engine.dense, matrix, named);
  requireWholeBase(tensor, update, alignment);
  const low = joined(named, await initialPart(engine, update, matrix));
  const { magnitude, method, rank, scaling, baseChange, initial } = update;
  return {
    update: {
      delta: (area) => rectangleOf(engine, low, area),
      rowNorms: magnitude === null ? null : new Float32Array(await readFactor(engine.fileSystem, magnitude)),
    },
    factors: magnitude === null ? low : null,
    report: {
      method,
      rank,
      scaling,
      correction: baseChange === 'none' ? null : initial === null ? 'recomputed' : 'initial factors',
      alignment: alignment.shown,
    },
  };
}

async function prepareBias(
  { fileSystem }: AdapterEngine,
  { bias, scaling, method }: Extract<AdapterUpdate, { kind: 'bias' }>,
): Promise<PreparedUpdate> {
  const values = (await readFactor(fileSystem, bias)).map((value) => scaling * value);
  return {
    update: {
      delta: ({ firstColumn, columns }) =>
        Promise.resolve(new Float32Array(values.subarray(firstColumn, firstColumn + columns))),
      rowNorms: null,
    },
    factors: null,
    report: { method, rank: null, scaling, correction: null, alignment: null },
  };
}

/** Alignment is told of matrices, not of stacks. */
async function prepareStack(
  engine: AdapterEngine,
  update: Extract<AdapterUpdate, { kind: 'stack' }>,
): Promise<PreparedUpdate> {
  const { method, rank, scaling, blocks } = update;
  const reached = blocks.reduce((sum, { rows, columns }) => sum + rows * columns, 0);
  return {
    update: await stackDelta(engine, update),
    factors: null,
    report: { method, rank, scaling, correction: null, alignment: null, reached },
  };
}

async function prepareRows(
  engine: AdapterEngine,
  update: Extract<AdapterUpdate, { kind: 'rows' }>,
): Promise<PreparedUpdate> {
  return {
    update: await givenRows(engine, update),
    factors: null,
    report: {
      method: update.method,
      rank: null,
      scaling: null,
      correction: null,
      alignment: null,
      reached: update.values.elements,
    },
  };
}

function requireWholeBase(tensor: StoredTensor, update: WeightUpdate, alignment: Alignment): void {
  const { ownShare, size } = alignment;
  const { rowEnergy, rowEnergyExpected, columnEnergy, columnEnergyExpected } = alignment.shown;
  const [rows = 1, columns = 1] = tensor.shape;
  const isLarge = size >= (largeShare * update.rank) / Math.min(rows, columns);
  const refuse = (what: string): ThreeGateError =>
    new ThreeGateError('adapter-base-rewritten', `Tensor "${tensor.name}" ${what} (${tensor.file}).`, {
      file: tensor.file,
      tensor: tensor.name,
    });
  const isEmpty =
    rowEnergy < emptyShare * rowEnergyExpected && columnEnergy < emptyShare * columnEnergyExpected;
  if (isEmpty && isLarge) {
    throw refuse(
      'has next to no energy where the adapter acts, so the base given is the residual that a PiSSA-like initialisation leaves; give the original base',
    );
  }
  if (update.baseChange === 'none' && isLarge && ownShare !== null && ownShare > 0.5 && ownShare < 2) {
    throw refuse(
      "has an adapter that repeats the base's own principal part, as PiSSA-like initialisations do although its settings do not say so; the true update needs the factors before training",
    );
  }
}

/** L·R over a rectangle, rounded once from float64. */
async function rectangleOf(
  { gemm }: AdapterEngine,
  { left, right, rank, columns: width }: LowRank,
  { firstRow, rows, firstColumn, columns }: Rectangle,
): Promise<Float32Array> {
  const some = left.subarray(firstRow * rank, (firstRow + rows) * rank);
  let part = right;
  if (columns !== width) {
    part = new Float64Array(rank * columns);
    for (let i = 0; i < rank; i++) {
      const from = i * width + firstColumn;
      part.set(right.subarray(from, from + columns), i * columns);
    }
  }
  return new Float32Array(await gemm.multiply64({ m: rows, n: columns, k: rank }, some, part));
}
