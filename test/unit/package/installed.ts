// The npm package as somebody without this repository has it: packed for this machine, and installed into an empty folder with no
// registry to ask.
import { spawnSync, type SpawnSyncReturns } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hostTarget } from '../../../.ci/package.mjs';
import { packageNpm } from '../../../.ci/packageNpm.mjs';
import { nativeTargets } from '../../../.ci/stage.mjs';

interface Installed {
  /** Where it was installed. */
  folder: string;
  /** Of the tarball. */
  files: string[];
  environment: NodeJS.ProcessEnv;
  run: (command: string, args: string[], cwd?: string) => SpawnSyncReturns<string>;
  remove: () => void;
}

/** Platforms whose native library is packed for the tests: this one, where there is one. */
export const packedTargets = nativeTargets.filter((target) => target === hostTarget());

export function install(): Installed {
  const { path, files } = packageNpm(packedTargets);
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'three-gate-npm-')));
  const home = realpathSync(mkdtempSync(join(tmpdir(), 'three-gate-home-')));
  // Nothing of this repository: not its settings of npm, not its modules.
  const environment = { PATH: process.env['PATH'], HOME: home, XDG_CACHE_HOME: home, npm_config_cache: home };
  const run: Installed['run'] = (command, args, cwd = folder) =>
    spawnSync(command, args, {
      cwd,
      env: environment,
      encoding: 'utf8',
      shell: process.platform === 'win32',
    });
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  const { status, stderr } = run('npm', ['install', '--ignore-scripts', '--offline', '--no-audit', path]);
  if (status !== 0) throw new Error(stderr);
  const remove = (): void => {
    for (const each of [folder, home]) rmSync(each, { recursive: true, force: true, maxRetries: 5 });
  };
  return { folder, files, environment, run, remove };
}
