// Reports as Markdown, CSV and JSON: what comes from a file never becomes markup, a formula or a broken row.
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { runAnalysis } from '../../../src/engine/analysis/runAnalysis.ts';
import { styleFor } from '../../../src/cli/style.ts';
import { reportText } from '../../../src/cli/reportText.ts';
import { judge, poolReadings } from '../../../src/engine/gates/verdict.ts';
import { escapeMarkdown } from '../../../src/shared/text/markdownText.ts';
import { defaultOptions } from '../../../src/shared/options/catalogue.ts';
import type { Report } from '../../../src/shared/report/report.ts';
import { reportCsv } from '../../../src/shared/text/reportCsv.ts';
import { reportJson } from '../../../src/shared/text/reportJson.ts';
import type { LimitResult } from '../../../src/shared/report/limitsReport.ts';
import { reportMarkdown } from '../../../src/shared/text/reportMarkdown.ts';
import { verdictMarkdown } from '../../../src/shared/text/verdictMarkdown.ts';
import { fakePorts, matrix } from '../analysis/fakes.ts';
import { noReadingsNull } from '../../support/noNull.ts';

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

describe('a number below its error bound', () => {
  const resolved = (limit: number): Report => {
    const copy = structuredClone(report);
    const { value } = copy.tensors[1]?.geometry ?? { value: null };
    const pool = copy.summary.geometry.value;
    assert.ok(value !== null && pool !== null);
    value.rotationErrorDeg = limit * value.rotationLeftMeanDeg;
    pool.rotationMeanErrorDeg = limit * pool.rotationMeanDeg;
    const gates = judge(
      {
        anchor: copy.summary.anchor,
        geometry: poolReadings(copy.summary.geometry),
        precision: copy.summary.precision,
      },
      copy.options.thresholds,
    );
    return { ...copy, summary: { ...copy.summary, gates } };
  };

  it('is below resolution in the CSV, and the number up to there', () => {
    const at = (of: Report): string | undefined => {
      const [head, , second] = parseCsv(reportCsv(of));
      return second?.[head?.indexOf('rotationLeftMeanDeg') ?? -1];
    };
    assert.equal(at(resolved(1.5)), 'below resolution');
    assert.equal(Number(at(resolved(1))), report.tensors[1]?.geometry.value?.rotationLeftMeanDeg);
  });

  it('is below resolution in Markdown and on the terminal', () => {
    const unresolved = resolved(1.5);
    const plain = styleFor({ isTTY: false }, {});
    for (const [text, without] of [
      [reportMarkdown(unresolved), reportMarkdown(resolved(1))],
      [reportText(unresolved, plain, 100), reportText(resolved(1), plain, 100)],
    ]) {
      assert.match(text ?? '', /Mean rotation.*below resolution/);
      assert.doesNotMatch(without ?? '', /below resolution/);
    }
  });

  it('still votes where its whole range says the same, and not where it does not', () => {
    const { rotationMeanDeg } = defaultOptions.thresholds;
    const vote = (value: number, error: number): string | undefined =>
      judge(
        {
          anchor: { value: null, reason: '' },
          geometry: {
            value: {
              ...{ spectralDriftTopK: 1e-5, rotationMeanDeg: value, principalLift: 0.5, lowMagnitudeLift: 2 },
              ...noReadingsNull,
              errors: { rotationMeanDeg: error },
            },
            reason: null,
          },
          precision: { value: null, reason: '' },
        },
        defaultOptions.thresholds,
      ).geometry.readings.find(({ metric }) => metric === 'rotationMeanDeg')?.vote;
    const half = rotationMeanDeg.holds / 2;
    assert.equal(vote(half, half), 'holds');
    assert.equal(vote(half * 0.9, half), 'holds');
    assert.equal(vote(half * 0.9, 90), 'unknown');
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

  it('has the verdict, the gates and no table of layers where only these are wanted', () => {
    const text = verdictMarkdown(report);
    const headings = text.split('\n').filter((line) => line.startsWith('#'));
    assert.equal(headings.length, 4);
    assert.match(headings.join('\n'), /^## .+\n### Gate I .+\n### Gate II .+\n### Gate III /);
    assert.ok(!text.includes('<img') && !text.includes('| Layer |'), text);
    for (const gate of headings.slice(1))
      assert.ok(reportMarkdown(report).includes(`\n${gate.slice(1)}\n`), gate);
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

  it('says what the limits came to, broken ones first, and nothing without limits', () => {
    const place = { file: 'limits.yaml', line: 3, column: 5, judged: 1 } as const;
    const reading = { place: '', value: 0.032, label: 'whole model', measured: '0.032', reason: null };
    const holding: LimitResult = {
      ...{ ...place, text: 'regime is mixed', metric: 'regime', asks: 'mixed', scope: 'whole' },
      ...{ standing: 'holds', broken: [], nearest: { ...reading, measured: 'mixed' } },
    };
    const broken: LimitResult = {
      ...{ ...place, text: 'relativeDrift <= 0.01', metric: 'relativeDrift', asks: '≤ 0.01', scope: 'whole' },
      ...{ standing: 'broken', broken: [reading], nearest: null },
    };
    const text = reportMarkdown({ ...report, limits: { broken: 1, limits: [holding, broken] } });
    const [, section = ''] = text.split('## Limits\n\n');
    assert.match(section, /^1 of 2 limits is broken\.\n\n\|/);
    assert.match(
      section,
      /\| broken \| relativeDrift &lt;= 0\.01 \| 0\.032 \| ≤ 0\.01 \| whole model \|\n\| holds \|/,
    );
    assert.ok(!reportMarkdown(report).includes('## Limits'));
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
