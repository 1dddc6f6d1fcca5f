// What /proc tells of a process, and how a file is read from the disk again; null off Linux.
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** User and system time so far, in ticks of a hundredth of a second. */
export function processorSecondsOf(pid: number | undefined): number | null {
  try {
    const fields = readFileSync(`/proc/${pid ?? 0}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return (Number(fields[11]) + Number(fields[12])) / 100;
  } catch {
    return null;
  }
}

/** Highest resident set so far. */
export function peakOf(pid: number | undefined): number | null {
  try {
    const status = readFileSync(`/proc/${pid ?? 0}/status`, 'utf8');
    return 1024 * Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? Number.NaN);
  } catch {
    return null;
  }
}

/** Has the system read a folder's files from the disk the next time; where it has no `dd` of GNU, they stay in memory. */
export function forgetPages(folder: string): void {
  for (const name of readdirSync(folder)) {
    spawnSync('dd', [`if=${join(folder, name)}`, 'iflag=nocache', 'count=0'], { stdio: 'ignore' });
  }
}
