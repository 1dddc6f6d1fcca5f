// Writes dist/report.schema.json, the JSON Schema of a report, from the types in src/shared. It is made anew only
// when a type is newer than the file, as reading the types takes seconds.
import { existsSync, statSync, writeFileSync } from 'node:fs';
import { createGenerator } from 'ts-json-schema-generator';
import { globSync } from './glob.mjs';

const target = 'dist/report.schema.json';

export function writeSchema() {
  const sources = [...globSync('src/shared', '.ts'), '.ci/schema.mjs'];
  const newest = Math.max(...sources.map((file) => statSync(file).mtimeMs));
  if (existsSync(target) && statSync(target).mtimeMs >= newest) return;
  const schema = createGenerator({
    path: 'src/shared/report/report.ts',
    tsconfig: 'tsconfig.json',
    type: 'Report',
    topRef: true,
    // A report holds exactly what its type says: no more, no less.
    additionalProperties: false,
    // tsc has checked the types already.
    skipTypeCheck: true,
  }).createSchema('Report');
  const title = 'Report of Three-Gate: what a fine-tuning run did to the weights of a checkpoint';
  writeFileSync(target, `${JSON.stringify({ title, ...schema }, null, 2)}\n`);
}
