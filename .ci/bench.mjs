// `npm run bench`: sets up, builds and runs every bench of test/bench; further arguments filter them by substring.
// Each checks its own results before it prints a time.
import { globSync } from './glob.mjs';
import { fail, run, setUp } from './setup.mjs';

const filters = process.argv.slice(2);

setUp();
run('node', ['esbuild.mjs']);
const found = globSync('test/bench', '.bench.ts').filter((file) =>
  filters.every((part) => file.includes(part)),
);
if (found.length === 0) fail('no bench found in test/bench');
for (const file of found) {
  process.stdout.write(`\n━━ ${file}\n`);
  run('node', ['--import', 'tsx', file]);
}
