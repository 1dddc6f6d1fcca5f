// `npm test`: sets up, builds, checks types, lint and formatting, then runs every unit, cluster and end-to-end test.
// `--unit`, `--cluster` and `--e2e` run one kind alone on what is already set up; further arguments filter test files by substring.
import { availableParallelism } from 'node:os';
import { runBeside } from './beside.mjs';
import { findBrowser } from './editor.mjs';
import { runEndToEnd } from './endToEnd.mjs';
import { globSync } from './glob.mjs';
import { checkVsix, hostTarget, packageVsix } from './package.mjs';
import { fail, run, setUp } from './setup.mjs';
import { findSlurm } from './slurm.mjs';

const args = process.argv.slice(2);
const kinds = args.filter((arg) => arg.startsWith('--'));
const filters = args.filter((arg) => !arg.startsWith('--'));
const all = kinds.length === 0;
const runner = ['--enable-source-maps', '--test', '--test-reporter', 'spec'];

setUp();
run('node', ['esbuild.mjs']);
// What needs a module from npm is loaded when it is there.
const { bundleOf, bundleTests } = await import('./bundleTests.mjs');
const slurm = (all || kinds.some((kind) => kind !== '--unit')) && findSlurm();
const tests = {
  unit: all || kinds.includes('--unit') ? testsIn('test/unit') : [],
  cluster: slurm && (all || kinds.includes('--cluster')) ? testsIn('test/cluster') : [],
  e2e: all || kinds.includes('--e2e') ? testsIn('test/e2e', slurm ? [] : ['slurm.test.ts']) : [],
};
await bundleTests(Object.values(tests).flat());
await together([
  ...(all
    ? [
        runBeside('npm', ['run', '--silent', 'typecheck']),
        runBeside('npx', ['eslint', '.', '--max-warnings', '0']),
        runBeside('npx', ['prettier', '--check', '--log-level', 'warn', '.']),
      ]
    : []),
  ...(tests.e2e.length > 0 ? [runBeside('node', ['.ci/editor.mjs'])] : []),
]);
if (tests.e2e.length > 0) {
  process.env['CHROMIUM_PATH'] = findBrowser();
  checkVsix(hostTarget(), packageVsix(hostTarget()));
}
// Editors and Slurm's daemons are waited for most of the time, and the unit tests take what they leave.
await together([
  ...(tests.unit.length > 0 ? [runTests(tests.unit, availableParallelism())] : []),
  ...(tests.cluster.length > 0 ? [runTests(tests.cluster, 1)] : []),
  ...(tests.e2e.length > 0 ? [runEndToEnd(tests.e2e, (file) => [...runner, bundleOf(file)])] : []),
]);

/** Ends this process where one of them did not end well. @param {Promise<boolean>[]} running */
async function together(running) {
  const passed = await Promise.all(running);
  if (!passed.every(Boolean)) process.exit(1);
}

/** @param {string[]} files @param {number} atOnce @returns {Promise<boolean>} */
function runTests(files, atOnce) {
  const args = [...runner, `--test-concurrency=${atOnce}`, ...files.map(bundleOf)];
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
