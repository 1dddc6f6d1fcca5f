// The rows of a run over time: what the analysis of each checkpoint comes to, and from which of them on the verdict stays.
import { asProblem } from '../../shared/errors.ts';
import type { Report } from '../../shared/report/report.ts';
import type { Trajectory, TrajectoryPoint } from '../../shared/report/runsReport.ts';
import { absent, measured } from '../analysis/measured.ts';

type Place = Pick<TrajectoryPoint, 'path' | 'step' | 'label'>;

/** What a step's analysis says, as a row. */
export function pointOf({ summary, pair }: Report, place: Place): TrajectoryPoint {
  const { precision, anchor, geometry, gates, regime, kl } = summary;
  return {
    ...place,
    step: place.step ?? pair.tuned.step,
    sparsityBf16: precision.value?.sparsityBf16 ?? null,
    relativeDrift: anchor.value?.relativeDrift ?? null,
    spectralDriftTopK: geometry.value?.spectralDriftTopK ?? null,
    rotationMeanDeg: geometry.value?.rotationMeanDeg ?? null,
    kl: kl.value?.last ?? null,
    regime: regime.name,
    words: [gates.anchor.verdict, gates.geometry.verdict, gates.precision.verdict],
    problem: null,
  };
}

/** The row of a checkpoint that could not be analysed. */
export function unreadablePoint(error: unknown, place: Place): TrajectoryPoint {
  return {
    ...place,
    sparsityBf16: null,
    relativeDrift: null,
    spectralDriftTopK: null,
    rotationMeanDeg: null,
    kl: null,
    regime: 'inconclusive',
    words: ['unknown', 'unknown', 'unknown'],
    problem: asProblem(error),
  };
}

/** The checkpoint of the last change of regime or words: from it on they stay. */
export function settledAt(points: readonly TrajectoryPoint[]): Trajectory['settled'] {
  const found = points.filter(({ problem }) => problem === null);
  const last = found[found.length - 1];
  if (last === undefined || found.length < 2) return absent('One checkpoint alone cannot settle.');
  const verdictOf = ({ regime, words }: TrajectoryPoint): string => [regime, ...words].join(' ');
  const first = found.findLastIndex((point) => verdictOf(point) !== verdictOf(last)) + 1;
  const settled = found[first];
  if (settled === undefined || settled === last) {
    return absent('The verdict still changed at the last checkpoint.');
  }
  return measured({ step: settled.step, label: settled.label });
}
