// What this process may use: all of the machine, or what a container or a scheduler leaves it.
import { availableParallelism, totalmem } from 'node:os';

/** Bytes. */
export function memoryAllowed(): number {
  const limit = process.constrainedMemory();
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem();
}

/** Slurm may count cores without binding the process to them. */
export function threadsAllowed({ SLURM_CPUS_ON_NODE: given }: NodeJS.ProcessEnv): number {
  const cores = Number(given ?? Infinity);
  return cores >= 1 ? Math.min(cores, availableParallelism()) : availableParallelism();
}
