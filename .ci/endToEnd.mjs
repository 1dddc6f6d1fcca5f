// The end-to-end tests: two editors, each with one file of tests at a time, as an editor waits for more than it works.
// What a file prints is shown when the file is done.
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { runBeside } from './beside.mjs';
import { calmSettings, freePort, hubAt, startEditor, writeSettings } from './editor.mjs';
import { hostTarget, vsixPath } from './package.mjs';

/** The longest first, so that no lane waits long for the other at the end; the rest by name. */
const longest = [
  'panel.test.ts',
  'remote.test.ts',
  'runsPage.test.ts',
  'slurm.test.ts',
  'panelControls.test.ts',
];

/**
 * @param {string[]} files
 * @param {(file: string) => string[]} runner how Node.js runs one of them
 * @returns {Promise<boolean>} whether all passed
 */
export async function runEndToEnd(files, runner) {
  const waiting = [...files].sort((a, b) => rank(a) - rank(b) || a.localeCompare(b));
  const lanes = Math.min(waiting.length, availableParallelism(), 2);
  const passed = await Promise.all(Array.from({ length: lanes }, () => runLane(waiting, runner)));
  return passed.every(Boolean);
}

/** @param {string} file */
function rank(file) {
  const place = longest.findIndex((name) => file.endsWith(name));
  return place < 0 ? longest.length : place;
}

/** One editor for the files of a lane: starting one takes longer than most of them. @param {string[]} waiting @param {(file: string) => string[]} runner */
async function runLane(waiting, runner) {
  const home = mkdtempSync(join(tmpdir(), 'three-gate-editor-'));
  process.once('exit', () => {
    rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  });
  const hubPort = await freePort();
  const editor = await startEditor({
    ...{ home, vsix: vsixPath(hostTarget()), settings: calmSettings, trust: true },
    environment: hubAt(hubPort),
  });
  const shared = JSON.stringify({ url: editor.url, pid: editor.process.pid, home, hubPort });
  let passed = true;
  for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
    // Whatever the one before has left.
    writeSettings(home, calmSettings);
    passed =
      (await runBeside('node', runner(file), { environment: { THREE_GATE_EDITOR: shared } })) && passed;
  }
  await editor.stop();
  return passed;
}
