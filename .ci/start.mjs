// `npm start`: sets up, builds, and analyses the four demo pairs of one base model: tuned by reinforcement learning, noise as
// large as that update, and supervised runs with small and with ordinary steps. Then it opens them in VS Code; `--no-open` ends
// after printing.
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

process.stdout.write('\n━━ The four side by side\n');
run('node', ['dist/cli.cjs', 'compare', ...demoPairs.map(({ file }) => demoReport(file))]);
process.stdout.write('\n');
process.stdout.write(
  '  The first three have one verdict: it says how small their steps were. What is beyond size tells the runs from\n' +
    '  the noise, and only their configs tell the runs apart.\n',
);
process.stdout.write('\n  Your own pair:  node dist/cli.cjs analyze BASE TUNED\n\n');
if (!process.argv.includes('--no-open')) await openDemo();
