// `npm start`: sets up, builds, and analyses the two demo pairs: one base model, once tuned by reinforcement learning
// and once by supervised fine-tuning. `--no-open` always ends after printing them, whatever is opened beside it.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
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
  const { summary } = readReport(reportOf(tuned));
  const { anchor, geometry, precision } = summary.gates;
  const words = [anchor.verdict, geometry.verdict, precision.verdict];
  process.stdout.write(
    `  ${tuned.padEnd(22)}${summary.regime.name.padEnd(14)}${words.map((word) => word.padEnd(14)).join('')}\n`,
  );
}
process.stdout.write('\n  Your own pair:  node dist/cli.cjs analyze BASE TUNED\n\n');

/** @param {string} tuned */
function reportOf(tuned) {
  return join('dist', `demo-${tuned.replace('/', '-')}.json`);
}

/** @param {string} path @returns {import('../src/shared/report.ts').Report} */
function readReport(path) {
  /** @type {unknown} */
  const parsed = JSON.parse(readFileSync(path, 'utf8'));
  return /** @type {import('../src/shared/report.ts').Report} */ (parsed);
}
