// Writes the table of names into docs/limits.md anew; `npm run format` aligns it.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { page, withTable } from './namesTable.ts';

const path = join(import.meta.dirname, '../../..', page);
writeFileSync(path, withTable(readFileSync(path, 'utf8')));
