// Writes the JSON Schemas of reports, of followed steps and of what the tools for assistants answer, dist/*.schema.json, from the types in src. They are made anew only when a type is newer than the file, as reading the types
// takes seconds.
import { existsSync, statSync, writeFileSync } from 'node:fs';
import { createGenerator } from 'ts-json-schema-generator';
import { globSync } from './glob.mjs';
import { readJson } from './stage.mjs';

const answersSchema = 'dist/answers.schema.json';

/** Of each schema, as semantic versioning has it. */
const versionsFile = 'src/shared/report/schemaVersions.json';
const versions = /** @type {Record<'report' | 'runs' | 'followed-step' | 'compare', string>} */ (
  readJson(versionsFile)
);

const reports = [
  {
    target: 'dist/report.schema.json',
    path: 'src/shared/report/report.ts',
    type: 'Report',
    version: versions.report,
    title: 'Report of Three-Gate: what a fine-tuning run did to the weights of a checkpoint',
  },
  {
    target: 'dist/runs.schema.json',
    path: 'src/shared/report/runsReport.ts',
    type: 'RunsReport',
    version: versions.runs,
    title: 'Report of Three-Gate on several runs of one base, or one run over its checkpoints',
  },
  {
    target: 'dist/followed-step.schema.json',
    path: 'src/shared/report/followedStep.ts',
    type: 'FollowedStep',
    version: versions['followed-step'],
    title: 'One checkpoint of a run that Three-Gate followed, a line of `three-gate watch --jsonl`',
  },
  {
    target: 'dist/compare.schema.json',
    path: 'src/shared/report/sideBySide.ts',
    type: 'SideBySideReport',
    version: versions.compare,
    title: 'Table of Three-Gate: several tuned checkpoints of one base side by side',
  },
];

export function writeSchema() {
  const shared = [...globSync('src/shared', '.ts'), '.ci/schema.mjs', versionsFile];
  for (const { target, path, type, title, version } of reports) {
    const $comment = `Version ${version}`;
    if (isOld(target, shared)) write(target, { title, $comment, ...schemaOf(path, type) });
  }
  if (isOld(answersSchema, [...shared, 'src/tools/answers.ts'])) write(answersSchema, answerSchemas());
}

/** Of each tool by its name, complete in itself. @returns {Record<string, object>} */
function answerSchemas() {
  const { Answers: byTool, ...types } = definitionsOf(schemaOf('src/tools/answers.ts', 'Answers'));
  const properties = Object.entries(byTool?.properties ?? {});
  return Object.fromEntries(
    properties.map(([tool, { $ref }]) => {
      const own = types[$ref.replace('#/definitions/', '')] ?? {};
      return [tool, { ...own, definitions: reached(own, types) }];
    }),
  );
}

/** @typedef {{ properties?: Record<string, { $ref: string }> }} Definition */

/** @param {object} schema @returns {Record<string, Definition>} */
function definitionsOf(schema) {
  return 'definitions' in schema ? /** @type {Record<string, Definition>} */ (schema.definitions) : {};
}

/**
 * The definitions that a schema names, and those that these name.
 * @param {Definition} schema @param {Record<string, Definition>} types @returns {Record<string, Definition>}
 */
function reached(schema, types) {
  const named = [...JSON.stringify(schema).matchAll(/"#\/definitions\/([^"]+)"/g)];
  /** @type {Record<string, Definition>} */
  const found = {};
  for (const [, name = ''] of named) {
    const own = types[name] ?? {};
    Object.assign(found, { [name]: own }, reached(own, types));
  }
  return found;
}

/** @param {string} path @param {string} type @returns {object} */
function schemaOf(path, type) {
  const schema = createGenerator({
    path,
    tsconfig: 'tsconfig.json',
    type,
    topRef: true,
    // It holds exactly what its type says: no more, no less.
    additionalProperties: false,
    // tsc has checked the types already.
    skipTypeCheck: true,
  }).createSchema(type);
  return /** @type {object} */ (schema);
}

/** @param {string} target @param {string[]} sources */
function isOld(target, sources) {
  const newest = Math.max(...sources.map((file) => statSync(file).mtimeMs));
  return !existsSync(target) || statSync(target).mtimeMs < newest;
}

/** @param {string} target @param {object} schema */
function write(target, schema) {
  writeFileSync(target, `${JSON.stringify(schema, null, 2)}\n`);
}
