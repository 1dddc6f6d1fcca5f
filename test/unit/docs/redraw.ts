// Writes the facts of the documents anew: `npm run docs`, then `npm run format` aligns the tables.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { factPages, facts, withFacts } from './facts.ts';

execFileSync(process.execPath, ['--import', 'tsx', 'test/support/writeDemoNoise.ts'], { stdio: 'inherit' });
const known = facts();
for (const page of factPages) writeFileSync(page, withFacts(readFileSync(page, 'utf8'), known));
