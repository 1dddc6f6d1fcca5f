// `npm test`: sets up, builds, checks types, lint and formatting, then runs every unit, cluster and end-to-end test.
// `--unit`, `--cluster` and `--e2e` run one kind alone on what is already set up; further arguments filter test files by substring.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { calmSettings, findBrowser, freePort, hubAt, installEditor, startEditor } from './editor.mjs';
import { globSync } from './glob.mjs';
import { checkVsix, hostTarget, packageVsix, vsixPath } from './package.mjs';
import { fail, run, setUp } from './setup.mjs';
import { findSlurm } from './slurm.mjs';

const args = process.argv.slice(2);
const kinds = args.filter((arg) => arg.startsWith('--'));
const filters = args.filter((arg) => !arg.startsWith('--'));
const all = kinds.length === 0;

setUp();
run('node', ['esbuild.mjs']);
if (all) {
  run('npm', ['run', '--silent', 'typecheck']);
  run('npx', ['eslint', '.', '--max-warnings', '0']);
  run('npx', ['prettier', '--check', '--log-level', 'warn', '.']);
}
if (all || kinds.includes('--unit')) runTests('test/unit');
if ((all || kinds.includes('--cluster')) && findSlurm()) runTests('test/cluster', ['--test-concurrency=1']);
if (all || kinds.includes('--e2e')) {
  installEditor();
  findBrowser();
  checkVsix(hostTarget(), packageVsix(hostTarget()));
  await runEndToEnd();
}

/** One editor for all test files: starting one takes longer than most of them. */
async function runEndToEnd() {
  const home = mkdtempSync(join(tmpdir(), 'three-gate-editor-'));
  process.once('exit', () => {
    rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  });
  const vsix = vsixPath(hostTarget());
  const hubPort = await freePort();
  const {
    url,
    process: server,
    stop,
  } = await startEditor({ home, vsix, settings: calmSettings, trust: true, environment: hubAt(hubPort) });
  const withoutSlurm = findSlurm() ? [] : ['slurm.test.ts'];
  process.env['THREE_GATE_EDITOR'] = JSON.stringify({ url, pid: server.pid, home, hubPort });
  runTests('test/e2e', ['--test-concurrency=1'], withoutSlurm);
  await stop();
}

/** @param {string} directory @param {string[]} [flags] @param {string[]} [without] ends of files that are left out */
function runTests(directory, flags = [], without = []) {
  const wanted = globSync(directory, '.test.ts').filter(
    (file) => filters.length === 0 || filters.some((part) => file.includes(part)),
  );
  const found = wanted.filter((file) => !without.some((ending) => file.endsWith(ending)));
  if (wanted.length > 0 && found.length === 0) return;
  if (found.length === 0) fail(`no test found in ${directory}`);
  run('node', ['--import', 'tsx', '--test', '--test-reporter', 'spec', ...flags, ...found]);
}
