// Several training runs of one base.
import { checkpointPath } from '../node/disk/checkpointPath.ts';
import type { RunsReport } from '../shared/report/runsReport.ts';
import { withEngine } from './engine.ts';
import { following, type Following } from './following.ts';
import { resolved, type Settings } from './settings.ts';

export interface CompareRunsSettings extends Settings {
  /** Whether every run folder is followed over its checkpoints, too; one run alone always is. */
  followSteps?: boolean;
  /** Whether the updates of several runs are decomposed for their leading directions; they are unless this is false. */
  directions?: boolean;
}

/**
 * Says whether several runs tuned from one base changed the same weights, and how the verdict of a run came about from
 * checkpoint to checkpoint: `three-gate runs`.
 *
 * @param runs tuned checkpoints, or folders with `checkpoint-25`, `global_step_50`, …; one run alone must be such a folder
 */
export function compareRuns(
  base: string,
  runs: readonly string[],
  settings: CompareRunsSettings = {},
): Following<RunsReport> {
  return following((onEvent) =>
    withEngine(settings.signal, async (engine, signal) => {
      const { options, ...rest } = resolved(settings);
      const {
        eta,
        match,
        rank,
        alpha,
        engine: gemm,
        threads,
        cacheGigabytes,
        remoteCacheGigabytes,
      } = options;
      const request = {
        basePath: await checkpointPath(base),
        runPaths: await Promise.all(runs.map(checkpointPath)),
        ...{ eta, match },
        followSteps: settings.followSteps === true,
        directions: settings.directions !== false,
        analysis: { rank, alpha, engine: gemm, threads, cacheGigabytes, remoteCacheGigabytes },
        ...rest,
      };
      return engine.compareRuns(request, onEvent, signal);
    }),
  );
}
