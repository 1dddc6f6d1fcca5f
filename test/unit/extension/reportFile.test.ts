// Report files as the editor opens them: the shape that the schema says, and what is refused.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { ReportFiles } from '../../../src/extension/reportEditor/reportFile.ts';
import type { Report } from '../../../src/shared/report/report.ts';
import { makeReport } from '../../support/reports.ts';

const files = new ReportFiles(join(import.meta.dirname, '../../../dist/report.schema.json'));
const report = makeReport({ model: 'nano' });
const read = (content: unknown): Promise<Report> => files.parse(JSON.stringify(content), 'x.threegate.json');

describe('a report file', () => {
  it('is read, with what a later version of its schema adds', async () => {
    assert.deepEqual(await read(report), JSON.parse(JSON.stringify(report)));
    assert.equal((await read({ ...report, added: { later: 1 } })).schemaVersion, report.schemaVersion);
  });

  const refused: [string, unknown, RegExp][] = [
    ['a list', [], /^x\.threegate\.json is no Three-Gate report: write one with/],
    ['another JSON', { a: 1 }, /is no Three-Gate report/],
    ['a newer version', { ...report, schemaVersion: 3 }, /schema version 3, .*: update Three-Gate\.$/],
    ['an older version', { ...report, schemaVersion: 0 }, /schema version 0, .*: analyse the pair again\.$/],
    ['a version that is a text', { ...report, schemaVersion: '2' }, /schema version "2", /],
    ['a part of a report', { ...report, summary: undefined }, /is no whole Three-Gate report of version 2/],
    [
      'a number that is a text',
      { ...report, coverage: { ...report.coverage, share: '<b>1</b>' } },
      /is no whole Three-Gate report: \/coverage\/share must be number/,
    ],
    ['a tensor that is none', { ...report, tensors: [{}] }, /: \/tensors\/0 must have required property/],
  ];
  for (const [what, content, message] of refused) {
    it(`is refused where it is ${what}`, async () => {
      await assert.rejects(read(content), { name: 'ThreeGateError', message });
    });
  }

  it('is refused where it is no JSON', async () => {
    await assert.rejects(files.parse('{', 'x'), { message: /^x is no report: / });
  });
});
