// A config file as rows of test/fixtures/configs/expected.tsv: file, framework, kind, concept, key, origin, value, line.
// Run as a script it rewrites the table; then run test/fixtures/configs/check.py, which reads the files anew with PyYAML.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { globSync } from '../../../.ci/glob.mjs';
import { formatOf, parseConfig } from '../../../src/engine/trainingConfig/openDocument.ts';
import { noFacts } from '../../../src/engine/trainingConfig/readers/reader.ts';
import { readDocument } from '../../../src/engine/trainingConfig/readers/readers.ts';

export const folder = 'test/fixtures/configs';

export function configFiles(): string[] {
  return ['.yaml', '.yml', '.json', '.toml', '.sh']
    .flatMap((suffix) => globSync(folder, suffix))
    .filter((file) => !file.endsWith('trainer_state.json'))
    .map((file) => file.slice(folder.length + 1).replaceAll('\\', '/'))
    .sort();
}

export function rowsOf(file: string): string[] {
  const format = formatOf(file);
  if (format === null) throw new Error(`${file} has no format`);
  const document = parseConfig(file, readFileSync(join(folder, file), 'utf8'), format);
  return readDocument(document, noFacts).flatMap(({ framework, kind, entries }) =>
    entries.map((entry) =>
      [
        file,
        framework,
        kind,
        entry.concept,
        entry.key,
        entry.origin,
        JSON.stringify(entry.value),
        entry.location?.line ?? '',
      ].join('\t'),
    ),
  );
}

if (process.argv[1] === import.meta.filename) {
  const header = ['file', 'framework', 'kind', 'concept', 'key', 'origin', 'value', 'line'].join('\t');
  const rows = configFiles().flatMap(rowsOf);
  writeFileSync(join(folder, 'expected.tsv'), `${[header, ...rows].join('\n')}\n`);
}
