// What comparing runs is about to read from elsewhere, all of it at once: a folder of checkpoints is asked about as a whole.
import { ThreeGateError } from '../../shared/errors.ts';
import { matcher } from '../analysis/plan.ts';
import type { AnalysisPorts } from '../analysis/ports.ts';
import type { Checkpoint } from '../checkpoint/checkpoint.ts';
import { isRemote } from '../files/remoteAddress.ts';
import { stretchesOfPair } from '../kernels/stretches.ts';

type Ports = Pick<AnalysisPorts, 'announce' | 'openCheckpoint' | 'pairCheckpoints'>;

/**
 * @param runs that are opened already
 * @param paths checkpoints that each will be analysed against the base
 */
export async function announceRuns(
  base: Checkpoint,
  runs: readonly Checkpoint[],
  paths: readonly string[],
  match: string | null,
  ports: Ports,
): Promise<void> {
  const all = [...runs];
  const isBaseRemote = isRemote(base.info.path);
  for (const path of paths) {
    if (!isBaseRemote && !isRemote(path)) continue;
    try {
      all.push(await ports.openCheckpoint(path));
    } catch (error) {
      // It becomes a point without numbers, and is not read.
      if (!(error instanceof ThreeGateError)) throw error;
    }
  }
  const matches = matcher(match);
  const pairs = all
    .filter(({ info }) => isBaseRemote || isRemote(info.path))
    .flatMap((run) => ports.pairCheckpoints(base, run).pairs.filter(matches));
  await ports.announce(pairs.flatMap(stretchesOfPair));
}
