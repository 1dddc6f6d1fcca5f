// `npm test`: sets up, builds, checks types, lint and formatting, then runs every unit and end-to-end test.
// `--unit` and `--e2e` run one kind alone on what is already set up; further arguments filter test files by substring.
import { findBrowser, installEditor } from './editor.mjs';
import { globSync } from './glob.mjs';
import { checkVsix, hostTarget, packageVsix } from './package.mjs';
import { fail, run, setUp } from './setup.mjs';

const args = process.argv.slice(2);
const flags = args.filter((arg) => arg.startsWith('--'));
const filters = args.filter((arg) => !arg.startsWith('--'));
const all = flags.length === 0;

setUp();
run('node', ['esbuild.mjs']);
if (all) {
  run('npx', ['tsc', '-p', '.']);
  run('npx', ['tsc', '-p', 'webview']);
  run('npx', ['eslint', '.', '--max-warnings', '0']);
  run('npx', ['prettier', '--check', '--log-level', 'warn', '.']);
}
if (all || flags.includes('--unit')) runTests('test/unit');
if (all || flags.includes('--e2e')) {
  installEditor();
  findBrowser();
  checkVsix(hostTarget(), packageVsix(hostTarget()));
  runTests('test/e2e');
}

/** @param {string} directory */
function runTests(directory) {
  const found = globSync(directory, '.test.ts').filter((file) =>
    filters.every((part) => file.includes(part)),
  );
  if (found.length === 0) fail(`no test found in ${directory}`);
  run('node', ['--import', 'tsx', '--test', '--test-reporter', 'spec', ...found]);
}
