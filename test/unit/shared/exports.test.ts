// Reports as Markdown, CSV and JSON: what comes from a file never becomes markup, a formula or a broken row.
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { runAnalysis } from '../../../src/engine/analysis/runAnalysis.ts';
import { escapeMarkdown } from '../../../src/shared/markdownText.ts';
import { defaultOptions } from '../../../src/shared/options.ts';
import type { Report } from '../../../src/shared/report.ts';
import { reportCsv } from '../../../src/shared/reportCsv.ts';
import { reportJson } from '../../../src/shared/reportJson.ts';
import { reportMarkdown } from '../../../src/shared/reportMarkdown.ts';
import { fakePorts, matrix } from '../analysis/fakes.ts';

const hostile = '=cmd|"/c calc"!A1, <img src=x onerror=alert(1)> | `x` **y**';
let report: Report;

before(async () => {
  const tensors = [{ ...matrix(0, 'q', 8, 8), name: hostile }, matrix(1, 'q', 8, 8)];
  const ports = fakePorts({ tensors, pairing: { notes: [`${hostile} was renamed.`] } });
  const request = { basePath: '/base', tunedPath: '/tuned', options: defaultOptions, configPaths: null };
  report = await runAnalysis(request, ports, () => undefined, new AbortController().signal);
});

/** The rows of RFC 4180 text. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = '';
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const character = text.charAt(at);
    if (quoted && character === '"' && text[at + 1] === '"') {
      cell += '"';
      at += 1;
    } else if (character === '"') quoted = !quoted;
    else if (!quoted && character === ',') {
      row.push(cell);
      cell = '';
    } else if (!quoted && character === '\r') {
      rows.push([...row, cell]);
      row = [];
      cell = '';
      at += 1;
    } else cell += character;
  }
  return rows;
}

describe('CSV', () => {
  it('gives one row per tensor with as many cells as names', () => {
    const rows = parseCsv(reportCsv(report));
    assert.equal(rows.length, 1 + report.tensors.length);
    for (const row of rows) assert.equal(row.length, rows[0]?.length);
  });

  it('keeps full precision and leaves absent numbers empty', () => {
    const [head, , second] = parseCsv(reportCsv(report));
    assert.ok(head && second);
    const cell = (name: string): string | undefined => second[head.indexOf(name)];
    const tensor = report.tensors[1];
    assert.equal(Number(cell('relativeDrift')), tensor?.anchor.value?.relativeDrift);
    assert.equal(Number(cell('rotationLeftMeanDeg')), tensor?.geometry.value?.rotationLeftMeanDeg);
    assert.equal(cell('absorbedShare'), '');
    assert.equal(cell('problem'), '');
  });

  it('quotes names and never lets one start a formula', () => {
    const [, first] = parseCsv(reportCsv(report));
    assert.equal(first?.[0], `'${hostile}`);
  });
});

describe('Markdown', () => {
  it('escapes every character that could become markup', () => {
    assert.equal(escapeMarkdown('a|b\n<b>*_`#'), 'a\\|b &lt;b\\>\\*\\_\\`\\#');
    const text = reportMarkdown(report);
    assert.ok(!text.includes('<img'));
    assert.ok(text.includes('&lt;img'));
    assert.ok(!text.includes('**y**'));
  });

  it('gives every table row as many cells as its head', () => {
    const lines = reportMarkdown(report).split('\n');
    let cells = 0;
    for (const [index, line] of lines.entries()) {
      if (!line.startsWith('|')) continue;
      const count = line.replaceAll('\\|', '').split('|').length;
      if (lines[index - 1]?.startsWith('|') !== true) cells = count;
      assert.equal(count, cells, line);
    }
    assert.ok(cells > 0);
  });

  it('says that an interrupted report is one', () => {
    assert.ok(!reportMarkdown(report).includes('what was measured so far'));
    assert.match(reportMarkdown({ ...report, status: 'cancelled' }), /This report is cancelled/);
  });
});

describe('JSON', () => {
  it('is the report, with every array of numbers on one line', () => {
    const text = reportJson(report);
    assert.deepEqual(JSON.parse(text), report);
    assert.match(text, /"shape": \[8, 8\]/);
    assert.match(text, /"baseExponents": \[0, 0, .* 0\]\n/);
  });

  it('leaves strings that look like arrays alone', () => {
    const odd = {
      ...report,
      problems: [{ code: 'internal', message: '[\n  1,\n  2\n]', file: null, tensor: null }],
    } as Report;
    assert.deepEqual(JSON.parse(reportJson(odd)), odd);
  });
});
