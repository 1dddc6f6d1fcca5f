// Writes dist/report.schema.json and dist/runs.schema.json, the JSON Schemas of reports, from the types in src/shared. They are
// made anew only when a type is newer than the files, as reading the types takes seconds.
import { existsSync, statSync, writeFileSync } from 'node:fs';
import { createGenerator } from 'ts-json-schema-generator';
import { globSync } from './glob.mjs';

const reports = [
  {
    target: 'dist/report.schema.json',
    path: 'src/shared/report/report.ts',
    type: 'Report',
    title: 'Report of Three-Gate: what a fine-tuning run did to the weights of a checkpoint',
  },
  {
    target: 'dist/runs.schema.json',
    path: 'src/shared/report/runsReport.ts',
    type: 'RunsReport',
    title: 'Report of Three-Gate on several runs of one base, or one run over its checkpoints',
  },
];

export function writeSchema() {
  const sources = [...globSync('src/shared', '.ts'), '.ci/schema.mjs'];
  const newest = Math.max(...sources.map((file) => statSync(file).mtimeMs));
  for (const { target, path, type, title } of reports) {
    if (existsSync(target) && statSync(target).mtimeMs >= newest) continue;
    const schema = createGenerator({
      path,
      tsconfig: 'tsconfig.json',
      type,
      topRef: true,
      // A report holds exactly what its type says: no more, no less.
      additionalProperties: false,
      // tsc has checked the types already.
      skipTypeCheck: true,
    }).createSchema(type);
    writeFileSync(target, `${JSON.stringify({ title, ...schema }, null, 2)}\n`);
  }
}
