// Every config of test/fixtures/configs against expected.tsv, whose stated values and lines check.py confirms with PyYAML.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { formatOf, parseConfig } from '../../../src/engine/trainingConfig/openDocument.ts';
import { noFacts } from '../../../src/engine/trainingConfig/readers/reader.ts';
import { readDocument } from '../../../src/engine/trainingConfig/readers/readers.ts';
import { configFiles, folder, rowsOf } from './goldenRows.ts';

const expected = new Map<string, string[]>();
for (const row of readFileSync(join(folder, 'expected.tsv'), 'utf8').trimEnd().split('\n').slice(1)) {
  const file = row.slice(0, row.indexOf('\t'));
  expected.set(file, [...(expected.get(file) ?? []), row]);
}

describe('config files of real frameworks', () => {
  it('are all in the table, and at least forty', () => {
    assert.deepEqual([...expected.keys()].sort(), configFiles());
    assert.ok(expected.size >= 40);
  });

  for (const [file, rows] of expected) {
    it(`${file}: values, origins and lines`, () => {
      assert.deepEqual(rowsOf(file), rows);
    });

    it(`${file}: every place holds the key and the value it stands for`, () => {
      const text = readFileSync(join(folder, file), 'utf8');
      const lines = text.split('\n');
      const format = formatOf(file);
      assert.ok(format !== null);
      for (const reading of readDocument(parseConfig(file, text, format), noFacts)) {
        for (const { key, location, valueLocation } of reading.entries) {
          if (location === null) continue;
          const line = lines[location.line - 1] ?? '';
          const at = line.slice(location.column - 1, location.column - 1 + location.length);
          const lastPart = key.split('.').pop() ?? '';
          assert.ok(at.includes(lastPart), `${key} is not at ${location.line}:${location.column}, but ${at}`);
          assert.ok(valueLocation === null || valueLocation.line >= location.line);
        }
      }
    });
  }
});
