// What a step of the plan costs, in seconds of the machine that was measured (BENCHMARKS.md): bytes at the rate of the
// streaming pass, products of Gate II at theirs. Only the proportions matter: they decide which shard takes what.
import type { AnalysisOptions } from '../../shared/options/options.ts';
import { extraColumns, normColumns, spaceEstimate, type MatrixLayout, type Way } from '../linalg/layout.ts';
import type { PlannedMatrices, Step } from './step.ts';

/** Both sides, by two threads. */
const bytesPerSecond = 5e9;
const flopsPerSecond = 80e9;
/** A tensor's own: opening, handing over, rows of the report. */
const secondsPerTensor = 1e-3;
/** Of a symmetric eigenproblem, over n³: reduction, iteration and vectors. */
const eigenFlops = 9;

type Spectra = Pick<AnalysisOptions, 'fullSpectrum' | 'profile'>;

export function readSeconds({ pair }: Pick<Step, 'pair'>): number {
  return secondsPerTensor + (pair.base.bytes + pair.tuned.bytes) / bytesPerSecond;
}

/** Of one matrix of the step. */
export function matrixSeconds({ layout }: PlannedMatrices, spectra: Spectra): number {
  return matrixFlops(layout, spectra) / flopsPerSecond;
}

/** Of all its matrices. */
export function decomposingSeconds({ matrices }: Pick<Step, 'matrices'>, spectra: Spectra): number {
  return matrices === null ? 0 : matrices.count * matrixSeconds(matrices, spectra);
}

export function stepSeconds(step: Step, spectra: Spectra): number {
  return readSeconds(step) + decomposingSeconds(step, spectra);
}

/** Leading triplets of both sides, ‖Δ‖₂, the rank-k reconstruction; and whole spectra where they are asked for. */
function matrixFlops(layout: MatrixLayout, { fullSpectrum, profile }: Spectra): number {
  const { rows, columns, rank, triplets, norm } = layout;
  const small = Math.min(rows, columns);
  const searched = spaceEstimate * Math.min(small, rank + extraColumns);
  const asksWhole = (fullSpectrum || profile === 'published') && triplets !== 'whole';
  return (
    2 * wayFlops(triplets, layout, searched) +
    wayFlops(norm, layout, normColumns) +
    2 * rows * columns * rank +
    (asksWhole ? 2 * wayFlops('whole', layout, small) : 0)
  );
}

/** Of the whole spectrum, or of one search by a space of so many vectors. */
function wayFlops(way: Way, { rows, columns }: MatrixLayout, vectors: number): number {
  const elements = rows * columns;
  const small = Math.min(rows, columns);
  if (way === 'whole') return elements * small + eigenFlops * small ** 3;
  // Every block is orthogonalised against those before, and the projected problem is solved.
  const space = 4 * small * vectors ** 2 + eigenFlops * vectors ** 3;
  return way === 'gram'
    ? 1.2 * elements * columns + 2 * columns * columns * vectors + space
    : 4 * elements * vectors + space;
}
