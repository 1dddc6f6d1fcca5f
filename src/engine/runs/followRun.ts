// One run over time: every checkpoint analysed against the base like a pair of its own, the base's decompositions
// remembered from the first on, and the checkpoint from which the verdict no longer changes.
import type { AnalysisOptions } from '../../shared/options/options.ts';
import type { Progress } from '../../shared/protocol/analysisEvents.ts';
import type { Trajectory, TrajectoryPoint } from '../../shared/report/runsReport.ts';
import type { AnalysisPorts } from '../analysis/ports.ts';
import { runAnalysis } from '../analysis/runAnalysis.ts';
import { throwIfCancelled } from '../analysis/tensorGeometry.ts';
import { checkpointLabel } from '../checkpoint/checkpointLabel.ts';
import type { RunCheckpoint } from './findSteps.ts';
import { pointOf, settledAt, unreadablePoint } from './trajectoryPoints.ts';

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
      points.push(unreadablePoint(error, { path, step, label }));
    }
  }
  return { path: folder, label: checkpointLabel(folder), points, settled: settledAt(points), notes: [] };
}
