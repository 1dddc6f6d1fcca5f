// Whether the missing shards of a folder can be submitted from here: its script is there, and an executable `sbatch` is on the path
// of this machine. Nothing is run.
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { shardScriptName } from './scripts.ts';

export async function canSubmitFrom(directory: string, environment: NodeJS.ProcessEnv): Promise<boolean> {
  return (
    (await hasScheduler(environment)) && (await isThere(join(directory, shardScriptName), constants.R_OK))
  );
}

/** Whether an executable `sbatch` is on the path. */
export async function hasScheduler({ PATH = '' }: NodeJS.ProcessEnv): Promise<boolean> {
  const places = PATH.split(delimiter).filter((place) => place !== '');
  const commands = await Promise.all(places.map((place) => isThere(join(place, 'sbatch'), constants.X_OK)));
  return commands.includes(true);
}

function isThere(path: string, mode: number): Promise<boolean> {
  return access(path, mode).then(
    () => true,
    () => false,
  );
}
