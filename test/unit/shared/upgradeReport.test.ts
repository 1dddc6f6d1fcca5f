// A genuine report of 0.1.0 (schema version 1, of the GRPO pair) as this version reads it.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, it } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { Ajv } from 'ajv';
import { parseReport } from '../../../src/shared/text/parseReport.ts';
import type { Report } from '../../../src/shared/report/report.ts';
import { reportMarkdown } from '../../../src/shared/text/reportMarkdown.ts';

const root = resolve(import.meta.dirname, '../../..');
const text = gunzipSync(readFileSync(join(root, 'test/fixtures/reports/version1.json.gz'))).toString();
const old = JSON.parse(text) as Report;
const read = parseReport(text, 'old.json');

describe('a report of schema version 1', () => {
  it('is one of version 2 by its schema, with nothing more', () => {
    const schema = JSON.parse(readFileSync(join(root, 'dist/report.schema.json'), 'utf8')) as object;
    const validate = new Ajv({ allowUnionTypes: true }).compile(schema);
    assert.equal(validate(read), true, JSON.stringify(validate.errors?.[0]));
  });

  it('keeps what was measured', () => {
    const parts = [
      'pair',
      'options',
      'engine',
      'coverage',
      'layers',
      'modules',
      'tensors',
      'training',
    ] as const;
    for (const part of parts) assert.equal(holds(read[part], old[part]), true, part);
    assert.equal(read.summary.anchor.value?.relativeDrift, 0.0019953067096178416);
  });

  it('claims no way of training, and nothing beyond the size of the update', () => {
    const { regime, gates, geometry } = read.summary;
    assert.equal(regime.name, 'rlvr-range');
    assert.match(regime.sentence, /^The weights stayed close to the base/);
    assert.equal(regime.beyondSize, null);
    const { anchor, geometry: off, precision } = gates;
    assert.deepEqual([anchor.beyondSize, off.beyondSize, precision.beyondSize], [null, null, null]);
    assert.match(geometry.value?.nullReason ?? '', /schema version 1.*analyse the pair again/);
  });

  it('is written out like any other', () => {
    const markdown = reportMarkdown(read);
    assert.match(markdown, /In the range of published RLVR runs/);
    assert.doesNotMatch(markdown, /reinforcement learning|NaN|undefined/);
  });
});

describe('a report of another version', () => {
  it('is refused with what to do', () => {
    const of = (version: unknown): string => JSON.stringify({ ...old, schemaVersion: version });
    assert.throws(() => parseReport(of(3), 'new.json'), /new\.json.*version 3.*update Three-Gate/);
    assert.throws(() => parseReport(of(0), 'old.json'), /old\.json.*version 0.*analyse the pair again/);
  });
});

/** Whether all that one value holds is in the other, which may hold more. */
function holds(more: unknown, less: unknown): boolean {
  if (typeof less !== 'object' || less === null) return more === less;
  if (typeof more !== 'object' || more === null) return false;
  const rest = new Map<string, unknown>(Object.entries(more));
  return Object.entries(less).every(([key, value]) => rest.has(key) && holds(rest.get(key), value));
}
