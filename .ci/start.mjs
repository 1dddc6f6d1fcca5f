// `npm start`: sets up, builds, and analyses the four demo pairs of one base model: tuned by reinforcement learning, noise as
// large as that update, and supervised runs with small and with ordinary steps. Then it opens them in VS Code; `--no-open` ends
// after printing.
import { readFileSync } from 'node:fs';
import { demoBase, demoPairs, demoReport } from './demoPairs.mjs';
import { openDemo } from './openDemo.mjs';
import { run, setUp } from './setup.mjs';

setUp();
run('node', ['esbuild.mjs']);
run('node', ['--import', 'tsx', 'test/support/writeDemoNoise.ts']);

for (const { file, title, tuned } of demoPairs) {
  process.stdout.write(`\n━━ ${title}\n`);
  run('node', ['dist/cli.cjs', 'analyze', demoBase, tuned, '--json', demoReport(file)]);
}

process.stdout.write('\n━━ The four side by side\n\n');
for (const { file, short } of demoPairs) {
  const { regime, gates } = summaryOf(file);
  const words = Object.values(gates).map(({ verdict }) => verdict.padEnd(14));
  process.stdout.write(`  ${short.padEnd(25)}${regime.headline.padEnd(49)}${words.join('').trimEnd()}\n`);
  process.stdout.write(
    `  ${' '.repeat(25)}beyond size: ${(gates.geometry.beyondSize?.words ?? 'not known').replace('Nothing', 'nothing')}\n\n`,
  );
}
process.stdout.write(
  '  The first three have one headline: it says how small their steps were. What is beyond size tells the runs from\n' +
    '  the noise, and only their configs tell the runs apart.\n',
);
process.stdout.write('\n  Your own pair:  node dist/cli.cjs analyze BASE TUNED\n\n');
if (!process.argv.includes('--no-open')) await openDemo();

/** @typedef {{ verdict: string, beyondSize: { words: string } | null }} Gate */
/** @typedef {{ regime: { headline: string }, gates: { anchor: Gate, geometry: Gate, precision: Gate } }} Summary */

/** @param {string} file @returns {Summary} */
function summaryOf(file) {
  /** @type {unknown} */
  const report = JSON.parse(readFileSync(demoReport(file), 'utf8'));
  return /** @type {{ summary: Summary }} */ (report).summary;
}
