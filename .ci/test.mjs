// `npm test`: sets up, builds, checks types, lint and formatting, then runs every unit, cluster and end-to-end test.
// `--unit`, `--cluster` and `--e2e` run one kind alone on what is already set up; further arguments filter test files by substring.
import { availableParallelism } from 'node:os';
import { runBeside } from './beside.mjs';
import { findBrowser, installEditor } from './editor.mjs';
import { runEndToEnd } from './endToEnd.mjs';
import { globSync } from './glob.mjs';
import { checkVsix, hostTarget, packageVsix } from './package.mjs';
import { fail, run, setUp } from './setup.mjs';
import { findSlurm } from './slurm.mjs';

const args = process.argv.slice(2);
const kinds = args.filter((arg) => arg.startsWith('--'));
const filters = args.filter((arg) => !arg.startsWith('--'));
const all = kinds.length === 0;
const runner = ['--import', 'tsx', '--test', '--test-reporter', 'spec'];

setUp();
run('node', ['esbuild.mjs']);
if (all) {
  await together([
    runBeside('npm', ['run', '--silent', 'typecheck']),
    runBeside('npx', ['eslint', '.', '--max-warnings', '0']),
    runBeside('npx', ['prettier', '--check', '--log-level', 'warn', '.']),
  ]);
}
// Slurm's own daemons are waited for most of the time.
await together([
  ...(all || kinds.includes('--unit') ? [runTests('test/unit', availableParallelism())] : []),
  ...((all || kinds.includes('--cluster')) && findSlurm() ? [runTests('test/cluster', 1)] : []),
]);
if (all || kinds.includes('--e2e')) {
  installEditor();
  process.env['CHROMIUM_PATH'] = findBrowser();
  checkVsix(hostTarget(), packageVsix(hostTarget()));
  const files = testsIn('test/e2e', findSlurm() ? [] : ['slurm.test.ts']);
  await together([runEndToEnd(files, runner)]);
}

/** Ends this process where one of them did not end well. @param {Promise<boolean>[]} running */
async function together(running) {
  const passed = await Promise.all(running);
  if (!passed.every(Boolean)) process.exit(1);
}

/** @param {string} directory @param {number} atOnce @returns {Promise<boolean>} */
function runTests(directory, atOnce) {
  const args = [...runner, `--test-concurrency=${atOnce}`, ...testsIn(directory)];
  return runBeside('node', args, { atOnce: atOnce > 1 });
}

/** @param {string} directory @param {string[]} [without] ends of files that are left out */
function testsIn(directory, without = []) {
  const wanted = globSync(directory, '.test.ts').filter(
    (file) => filters.length === 0 || filters.some((part) => file.includes(part)),
  );
  if (wanted.length === 0) fail(`no test found in ${directory}`);
  return wanted.filter((file) => !without.some((ending) => file.endsWith(ending)));
}
