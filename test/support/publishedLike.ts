// The published statistics of a made-up report, in the order of the kind of training that it was made like.
import type { PublishedStatistics } from '../../src/shared/report/publishedStatistics.ts';

const points = {
  rlvr: { drift: 2.1e-5, angle: 0.42, low: 0.71, principal: 0.268, sparsity: 0.74 },
  mixed: { drift: 1.6e-4, angle: 2.3, low: 0.48, principal: 0.281, sparsity: 0.31 },
  sft: { drift: 1.2e-3, angle: 14, low: 0.322, principal: 0.298, sparsity: 0.07 },
} as const;

/** @param covered matrices of all `matrices` that the costly statistics were computed for */
export function publishedLike(
  like: keyof typeof points,
  matrices: number,
  covered: number = matrices,
): PublishedStatistics {
  const { drift, angle, low, principal, sparsity } = points[like];
  const reason = covered === matrices ? null : 'Larger matrices: with the profile "published" only.';
  const curve = Array.from({ length: 512 }, (_, at) => angle * ((at + 1) / 512) ** 3);
  return {
    profile: covered === matrices ? 'published' : 'default',
    matrices,
    sparsityBf16: { value: sparsity, reason: null },
    spectralDriftFull: { value: covered === 0 ? null : drift, computed: covered, reason },
    maxAngleDeg: { value: { max: 1.9 * angle, median: 0.8 * angle }, computed: matrices, reason: null },
    angleCurve:
      covered === matrices
        ? {
            value: {
              name: 'model.layers.2.self_attn.q_proj.weight',
              layer: 2,
              rank: 512,
              leftDeg: curve,
              rightDeg: curve.map((degrees) => 0.9 * degrees),
            },
            computed: 1,
            reason: null,
          }
        : { value: null, computed: 0, reason: 'With the profile "published" only.' },
    masks: {
      value:
        covered === 0
          ? null
          : {
              lowMagnitudeOverlap: low,
              lowMagnitudeLift: low / 0.3,
              principalOverlap: principal,
              principalLift: principal / 0.3,
            },
      computed: covered,
      reason,
    },
  };
}
