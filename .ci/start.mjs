// `npm start`: sets up, builds, and analyses the two demo pairs: one base model, once tuned by reinforcement learning
// and once by supervised fine-tuning. Then it opens them in VS Code; `--no-open` ends after printing.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openDemo } from './openDemo.mjs';
import { run, setUp } from './setup.mjs';

const demo = 'test/fixtures/nano';
const pairs = [
  { title: 'Tuned by reinforcement learning (GRPO, step 100)', tuned: 'grpo/checkpoint-100' },
  { title: 'Tuned by supervised fine-tuning', tuned: 'sft' },
];

setUp();
run('node', ['esbuild.mjs']);

for (const { title, tuned } of pairs) {
  process.stdout.write(`\n━━ ${title}\n`);
  run('node', ['dist/cli.cjs', 'analyze', join(demo, 'base'), join(demo, tuned), '--json', reportOf(tuned)]);
}

process.stdout.write('\n━━ The two side by side\n\n');
for (const { tuned } of pairs) {
  const { regime, gates } = summaryOf(tuned);
  const words = Object.values(gates).map(({ verdict }) => verdict.padEnd(14));
  process.stdout.write(`  ${tuned.padEnd(22)}${regime.headline.padEnd(44)}${words.join('')}\n`);
}
process.stdout.write('\n  Your own pair:  node dist/cli.cjs analyze BASE TUNED\n\n');
if (!process.argv.includes('--no-open')) await openDemo();

/** @typedef {{ regime: { headline: string }, gates: Record<string, { verdict: string }> }} Summary */

/** @param {string} tuned @returns {Summary} */
function summaryOf(tuned) {
  /** @type {unknown} */
  const report = JSON.parse(readFileSync(reportOf(tuned), 'utf8'));
  return /** @type {{ summary: Summary }} */ (report).summary;
}

/** @param {string} tuned */
function reportOf(tuned) {
  return join('dist', `demo-${tuned.replace('/', '-')}.json`);
}
