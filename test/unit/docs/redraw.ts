// Writes the facts of the documents and the manifest's tools anew: `npm run docs`, then `npm run format` aligns the tables.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { writeContributedTools } from '../../support/contributedTools.ts';
import { factPages, facts, withFacts } from './facts.ts';

execFileSync(process.execPath, ['--import', 'tsx', 'test/support/writeDemoNoise.ts'], { stdio: 'inherit' });
writeContributedTools('package.json');
const known = facts();
for (const page of factPages) writeFileSync(page, withFacts(readFileSync(page, 'utf8'), known));
