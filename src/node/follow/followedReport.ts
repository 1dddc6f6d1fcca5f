// The steps of a followed run as a report of runs: one run over its checkpoints, as far as it has come.
import { checkpointLabel } from '../../engine/checkpoint/checkpointLabel.ts';
import { settledAt } from '../../engine/runs/trajectoryPoints.ts';
import type { FollowedStep } from '../../shared/report/followedStep.ts';
import type { CheckpointInfo } from '../../shared/report/report.ts';
import { runsSchemaVersion, type RunsReport } from '../../shared/report/runsReport.ts';
import { version } from '../engine/version.ts';

interface Followed {
  runPath: string;
  base: CheckpointInfo;
  /** Its last checkpoint that still lies there. */
  run: CheckpointInfo | null;
  steps: readonly FollowedStep[];
  eta: number;
}

export function followedReport({ runPath, base, run, steps, eta }: Followed): RunsReport {
  const points = steps.map(({ point }) => point);
  const label = checkpointLabel(runPath);
  const direction = {
    value: null,
    reason:
      'In which direction a run goes is measured by Compare Runs… on its folder, in a pass over its checkpoints.',
  };
  return {
    schemaVersion: runsSchemaVersion,
    status: 'complete',
    version,
    base,
    runs: run === null ? [] : [run],
    eta,
    match: null,
    overlap: { value: null, reason: 'An overlap needs two runs; one was given.' },
    trajectories: [{ path: runPath, label, points, settled: settledAt(points), direction, notes: [] }],
    problems: [],
    elapsedMs: steps.reduce((sum, { elapsedMs }) => sum + elapsedMs, 0),
  };
}
