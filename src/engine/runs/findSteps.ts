// The checkpoints of one run inside its folder: `checkpoint-25`, `global_step_50`, …, by step, and the folder's own
// weights behind them where it has any.
import { stepInPath } from '../checkpoint/checkpointLabel.ts';
import type { FileSystem } from '../files/fileSystem.ts';
import { openCheckpoint } from '../opening/openCheckpoint.ts';

export interface RunCheckpoint {
  path: string;
  step: number | null;
}

/** Empty where the folder holds no step; never throws for what merely is no run. */
export async function findSteps(files: FileSystem, path: string): Promise<RunCheckpoint[]> {
  const folder = files.resolve(path);
  if ((await files.stat(folder))?.kind !== 'directory') return [];
  const steps: { path: string; step: number }[] = [];
  for (const name of await files.list(folder)) {
    const inside = files.resolve(folder, name);
    const step = stepInPath(name);
    if (step !== null && (await files.stat(inside))?.kind === 'directory') steps.push({ path: inside, step });
  }
  if (steps.length === 0) return [];
  steps.sort((a, b) => a.step - b.step);
  const own = await ownWeights(files, folder);
  // Many trainers leave a copy of the last checkpoint at the top.
  const isNew = own !== null && !steps.some(({ step }) => step === own.step);
  return isNew ? [...steps, own] : steps;
}

async function ownWeights(files: FileSystem, folder: string): Promise<RunCheckpoint | null> {
  try {
    const { folder: found, info } = await openCheckpoint(files, folder);
    return found === folder ? { path: folder, step: info.step } : null;
  } catch {
    return null;
  }
}
