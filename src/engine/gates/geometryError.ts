// A-posteriori error estimates of Gate II from the residuals that travel with the singular triplets.
// The k wanted Ritz vectors err to first order only towards the outside of the kept subspace (k + a few columns), and
// to second order among themselves and their kept neighbours (Davis & Kahan 1970; Parlett, The Symmetric Eigenvalue
// Problem, 11.7–11.8).
import type { Triplets } from '../linalg/leadingTriplets.ts';

/** Bound on the error of the largest angle between the computed and the true k-dimensional subspace, degrees; 90 where the gap does not separate it. */
export function angleErrorDeg({ sigma, next, separation, wantedResidual, keptResidual }: Triplets): number {
  const last = sigma[sigma.length - 1]!;
  if (next === null || wantedResidual === 0) return 0;
  const gap = last - next;
  if (!(gap > 0) || !(separation > 0)) return 90;
  const sine = (wantedResidual / separation) * (1 + keptResidual / gap);
  return sine >= 1 ? 90 : (Math.asin(sine) * 180) / Math.PI;
}

/** Bound on the error of `spectralDriftTopK` (relative to ‖σ‖); null where that is null. */
export function driftError(before: Triplets, after: Triplets): number | null {
  const size = Math.hypot(...before.sigma);
  if (!(size > 0)) return null;
  return (sigmaError(before) + sigmaError(after)) / size;
}

/** Bound on ‖error of the k singular values‖₂: the residual itself, or its square over the separation where that is smaller. */
function sigmaError({ sigma, separation, wantedResidual }: Triplets): number {
  const rounding = 1e-15 * sigma[0]! * Math.sqrt(sigma.length);
  const quadratic = separation > 0 ? wantedResidual ** 2 / separation : Infinity;
  return Math.min(wantedResidual, quadratic) + rounding;
}
