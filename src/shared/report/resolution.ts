// A number whose error bound is larger than itself says only that it is small: every surface shows it as "below
// resolution" and not as a value.
import type { GeometryMetrics, GeometryPool } from './metrics.ts';

export const belowResolution = 'below resolution';

/** Whether the bound on a number's error is larger than the number; false where no bound is known. */
export function isBelowResolution(value: number | null, error: number | null | undefined): boolean {
  return value !== null && error !== null && error !== undefined && error > Math.abs(value);
}

/** A number as `format` writes it, or `below resolution`. */
export function formatResolved(
  value: number | null,
  error: number | null | undefined,
  format: (value: number | null) => string,
): string {
  return isBelowResolution(value, error) ? belowResolution : format(value);
}

type Bound = number | null | undefined;

/** Bounds on errors by the name of the number; a number that is not in it has none. */
export type ErrorBounds = Readonly<Record<string, Bound>>;

/** Bounds on the errors of one tensor's numbers. */
export function tensorErrors(geometry: GeometryMetrics): ErrorBounds {
  const { spectralDriftTopKError, rotationErrorDeg } = geometry;
  return {
    spectralDriftTopK: spectralDriftTopKError,
    rotationMeanDeg: rotationErrorDeg,
    rotationMaxDeg: rotationErrorDeg,
    rotationLeftMeanDeg: rotationErrorDeg,
    rotationLeftMaxDeg: rotationErrorDeg,
    rotationRightMeanDeg: rotationErrorDeg,
    rotationRightMaxDeg: rotationErrorDeg,
  };
}

/** The same for a pool; reports written before these bounds were kept have none. */
export function poolErrors(
  geometry: GeometryPool | null,
): Record<'spectralDriftTopK' | 'rotationMeanDeg' | 'rotationMaxDeg', Bound> {
  return {
    spectralDriftTopK: geometry?.spectralDriftTopKError,
    rotationMeanDeg: geometry?.rotationMeanErrorDeg,
    rotationMaxDeg: geometry?.rotationMaxErrorDeg,
  };
}
