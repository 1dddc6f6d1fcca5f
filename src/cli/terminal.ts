// What a command may use of its process: the two streams, the environment, and a signal that Ctrl-C raises.
import type { ProgressOutput } from './progress.ts';

export interface Terminal {
  stdout: ProgressOutput;
  stderr: ProgressOutput;
  environment: NodeJS.ProcessEnv;
  /** Aborts at the first Ctrl-C (or a termination request). */
  interrupted: AbortSignal;
  /** The engine's bundle. */
  enginePath: string;
}

/** Width that text is wrapped at: the terminal's, and a readable one where there is none. */
export function textColumns({ columns }: ProgressOutput): number {
  return Math.max(60, Math.min(columns ?? 120, 160));
}
