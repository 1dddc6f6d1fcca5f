// What the panel says of a folder of shards. Pure.
import {
  filesAlone,
  isWhole,
  missingShards,
  shardCounts,
  shardsIn,
  type ClusterState,
} from '../../node/cluster/clusterState.ts';
import { logPath } from '../../node/shards/folderState.ts';
import type { PanelShards } from '../../shared/protocol/panelProtocol.ts';
import { formatDuration } from '../../shared/text/format.ts';
import { ranges } from '../../shared/text/ranges.ts';

/** Most failures that are told in full. */
const failuresShown = 5;

/**
 * @param notes what else is to know
 * @param canSubmit whether what is missing can be submitted from here
 */
export function shownShards(state: ClusterState, notes: readonly string[], canSubmit: boolean): PanelShards {
  const failed = shardsIn(state, 'failed');
  const alone = filesAlone(state);
  const more = failed.slice(failuresShown).map(({ number }) => number);
  return {
    line: stateLine(state),
    lead: doneShards(state).length === 0 ? 'No shard is done yet' : 'Adding up the shards that are done…',
    failures: failed.slice(0, failuresShown).map(({ number, message, log }) => ({
      title: `Shard ${number} failed`,
      message: message ?? '',
      log: log.length === 0 ? [] : [`${logPath(state.directory, number)}:`, ...log],
    })),
    notes: [
      ...(more.length === 0 ? [] : [`Failed as well: ${ranges(more)}.`]),
      ...(alone === null ? [] : [alone]),
      ...notes,
    ],
    canSubmit: canSubmit && missingShards(state).length > 0,
  };
}

/** "5 of 16 shards are done, 11 running. About 4 m 10 s left. Missing here: 6-16." */
function stateLine(state: ClusterState): string {
  const { shards, remainingMs } = state;
  const done = doneShards(state);
  if (isWhole(state))
    return shards.length === 1 ? 'The one shard is done.' : `All ${shards.length} shards are done.`;
  const counts = shardCounts(state).map((count) => `, ${count}`);
  const verb = done.length === 1 ? 'is' : 'are';
  const time = remainingMs === null ? '' : ` About ${formatDuration(remainingMs)} left.`;
  const missing = shards.filter((shard) => shard.state !== 'done').map(({ number }) => number);
  return `${done.length} of ${shards.length} shards ${verb} done${counts.join('')}.${time} Missing here: ${ranges(missing)}.`;
}

/** Numbers of those that a merge finds. */
export function doneShards(state: ClusterState): number[] {
  return shardsIn(state, 'done').map(({ number }) => number);
}
