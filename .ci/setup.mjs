// Makes a fresh clone ready: checks Node.js and installs the npm dependencies exactly as locked.
// Runs before anything is installed, so it uses Node.js alone.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

const stamp = 'node_modules/.three-gate-installed';

/** On Windows npm, npx and code are batch files, which only a shell starts. */
export const needsShell = process.platform === 'win32';

/**
 * A shell gets one line, in which Node.js quotes nothing: paths with spaces are quoted here.
 * @param {string[]} args
 */
export function shellArguments(args, shell = needsShell) {
  return shell ? args.map((each) => (/[\s&()^]/.test(each) ? `"${each}"` : each)) : args;
}

/** Runs a command with the terminal attached; ends this process when it fails. @param {string} command @param {string[]} args */
export function run(command, args, options = {}) {
  const { status, error } = spawnSync(command, shellArguments(args), {
    ...{ stdio: 'inherit', shell: needsShell },
    ...options,
  });
  if (error !== undefined) fail(`${command} could not be started: ${error.message}`);
  if (status !== 0) process.exit(status ?? 1);
}

/** @param {string} message @returns {never} */
export function fail(message) {
  process.stderr.write(`three-gate: ${message}\n`);
  process.exit(1);
}

export function setUp() {
  const major = Number(process.versions.node.split('.')[0]);
  if (major < 20) fail(`Node.js 20 or newer is needed, this is ${process.versions.node}.`);
  const locked = createHash('sha256').update(readFileSync('package-lock.json')).digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === locked) return;
  run('npm', ['ci', '--no-audit', '--no-fund']);
  writeFileSync(stamp, locked);
}

if (process.argv[1] === import.meta.filename) setUp();
