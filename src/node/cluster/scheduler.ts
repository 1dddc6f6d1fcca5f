// Whether this machine can submit: an executable `sbatch` on its path. Nothing is run.
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

export async function hasScheduler({ PATH = '' }: NodeJS.ProcessEnv): Promise<boolean> {
  const directories = PATH.split(delimiter).filter((directory) => directory !== '');
  const tries = directories.map((directory) => access(join(directory, 'sbatch'), constants.X_OK));
  return (await Promise.allSettled(tries)).some(({ status }) => status === 'fulfilled');
}
