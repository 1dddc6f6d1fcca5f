// `npm run bench [-- PART… [--quick]]`: sets up, builds and runs the parts of test/bench/parts.ts, all by default.
import { run, setUp } from './setup.mjs';

setUp();
run('node', ['esbuild.mjs']);
run('node', ['--import', 'tsx', 'test/bench/bench.ts', ...process.argv.slice(2)]);
