// One run over time: every checkpoint analysed against the base like a pair of its own, the base's decompositions
// remembered from the first on, and the checkpoint from which the verdict no longer changes.
import { asProblem } from '../../shared/errors.ts';
import type { AnalysisOptions } from '../../shared/options/options.ts';
import type { Report } from '../../shared/report/report.ts';
import type { Progress } from '../../shared/protocol/analysisEvents.ts';
import type { Trajectory, TrajectoryPoint } from '../../shared/report/runsReport.ts';
import { absent, measured } from '../analysis/measured.ts';
import type { AnalysisPorts } from '../analysis/ports.ts';
import { runAnalysis } from '../analysis/runAnalysis.ts';
import { throwIfCancelled } from '../analysis/tensorGeometry.ts';
import { checkpointLabel } from '../checkpoint/checkpointLabel.ts';
import type { RunCheckpoint } from './findSteps.ts';

export async function followRun(
  folder: string,
  checkpoints: readonly RunCheckpoint[],
  basePath: string,
  options: AnalysisOptions,
  ports: AnalysisPorts,
  onProgress: (progress: Progress) => void,
  signal: AbortSignal,
): Promise<Omit<Trajectory, 'direction'>> {
  const points: TrajectoryPoint[] = [];
  for (const [index, { path, step }] of checkpoints.entries()) {
    throwIfCancelled(signal);
    const label = checkpointLabel(path);
    try {
      const request = { basePath, tunedPath: path, options, configPaths: null };
      const report = await runAnalysis(
        request,
        ports,
        (event) => {
          if (event.kind !== 'progress') return;
          const current = `${label} (${index + 1} of ${checkpoints.length})`;
          onProgress({ ...event.progress, current });
        },
        signal,
      );
      throwIfCancelled(signal);
      points.push(pointOf(report, { path, step, label }));
    } catch (error) {
      if (signal.aborted) throw error;
      points.push(unreadable(error, { path, step, label }));
    }
  }
  return { path: folder, label: checkpointLabel(folder), points, settled: settledAt(points), notes: [] };
}

type Place = Pick<TrajectoryPoint, 'path' | 'step' | 'label'>;

function pointOf({ summary, pair }: Report, place: Place): TrajectoryPoint {
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

function unreadable(error: unknown, place: Place): TrajectoryPoint {
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
