// The commands of a scheduler, each for a bounded time: where its controller is down, they wait for long.
import { execFile } from 'node:child_process';

interface Ran {
  /** Whether the command exists on this machine. */
  exists: boolean;
  ok: boolean;
  stdout: string;
  /** What it had to say where it failed, in a line. */
  why: string;
}

const patienceMs = 10_000;

export function runTool(name: string, args: readonly string[], environment: NodeJS.ProcessEnv): Promise<Ran> {
  return new Promise((resolve) => {
    const options = { env: environment, timeout: patienceMs, maxBuffer: 1 << 26 };
    execFile(name, args, options, (error, stdout, stderr) => {
      const exists = error?.code !== 'ENOENT';
      const late = error?.killed === true ? `${name} did not answer within ${patienceMs / 1000} s` : '';
      const said = stderr.trim().replaceAll(/\s*\n\s*/gu, ' ');
      resolve({ exists, ok: error === null, stdout, why: late || said || (error?.message ?? '') });
    });
  });
}
