// Slurm for the tests of clusters: Debian's packages, whose daemons the tests start and stop themselves.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const daemons = ['slurmctld', 'slurmd', 'munged'];
const packages = ['slurmctld', 'slurmd', 'slurm-client', 'munge'];

/** Whether there is one; installs it where that is possible, and says in a line where it is not. */
export function findSlurm() {
  const isThere = () =>
    daemons.every((name) => spawnSync('sh', ['-c', `command -v ${name}`], { stdio: 'ignore' }).status === 0);
  if (isThere()) return true;
  if (existsSync('/etc/debian_version') && process.getuid?.() === 0) {
    const wait = ['-o', 'DPkg::Lock::Timeout=300', '-qq'];
    // Where no package can be had, the rest of the tests is still worth running.
    const install = [...wait, 'install', '-y', '--no-install-recommends', ...packages];
    for (const words of [[...wait, 'update'], install]) spawnSync('apt-get', words, { stdio: 'inherit' });
    if (isThere()) return true;
  }
  console.log(
    `What needs Slurm was not run: ${daemons.join(', ')} are not installed, and only root on Debian with its packages at hand can.`,
  );
  return false;
}
