// JUnit XML, SARIF and GitHub annotations: they follow their formats, and nothing from a file breaks out of them.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { Ajv } from 'ajv';
import { githubAnnotations } from '../../../src/cli/limitFormats/github.ts';
import { junitXml } from '../../../src/cli/limitFormats/junit.ts';
import { sarifLog } from '../../../src/cli/limitFormats/sarif.ts';
import type { LimitResult, LimitsReport } from '../../../src/shared/report/limitsReport.ts';

const hostile = 'a<b>&"\'\u0000\u001B[31m\uD800]]>\r\n::error::%0A,:';
const reading = { place: hostile, label: hostile, value: 0.02, measured: '0.0200', reason: null };
const broken: LimitResult = {
  text: `${hostile}: relativeDrift <= 0.01`,
  ...{ metric: 'relativeDrift', asks: '≤ 0.01', scope: 'tensor', file: 'ci/my limits.yaml' },
  ...{ line: 3, column: 5, standing: 'broken', judged: 7, nearest: null },
  broken: [reading, { ...reading, label: 'q_proj', place: 'q_proj', value: null, measured: 'not measured' }],
};
const holding: LimitResult = {
  ...broken,
  ...{ text: 'regime is mixed', metric: 'regime', asks: 'mixed', scope: 'whole', line: 4 },
  ...{ standing: 'holds', judged: 1, broken: [], nearest: null },
};
const limits: LimitsReport = { broken: 1, limits: [broken, holding] };

describe('JUnit XML', () => {
  const xml = junitXml(limits, 'base → <tuned>');

  it('has a test case for every limit, and one failure with all places', () => {
    assert.match(xml, /<testsuites name="three-gate" tests="2" failures="1" errors="0" skipped="0">/);
    assert.equal(xml.match(/<testcase /gu)?.length, 2);
    assert.equal(xml.match(/<failure /gu)?.length, 1);
    assert.match(xml, /name="regime is mixed" file="ci\/my limits.yaml" line="4"\/>/);
    assert.match(xml, /message="broken in 2 of 7: relativeDrift is 0\.0200 in a&lt;b&gt;&amp;&quot;&apos;/);
    assert.match(xml, /not measured in q_proj, and was to be ≤ 0\.01<\/failure>/);
  });

  it('keeps every character of a file inside text and attributes', () => {
    const rest = xml.replaceAll(/"[^"<>]*"/gu, '""').replaceAll(/>[^<>]*</gu, '><');
    assert.match(rest, /^<\?xml version="" encoding=""\?>(?:<\/?\w+(?: \w+="")*\/?>)+\n$/u);
    assert.doesNotMatch(xml, /[\u0000-\u0008\u000B-\u001F\uD800]/u);
    assert.doesNotMatch(xml, /&(?!(?:amp|lt|gt|quot|apos|#\d+);)/u);
  });
});

describe('SARIF', () => {
  const log = sarifLog(limits, '0.2.0');

  it('follows the published schema', () => {
    const lib = dirname(createRequire(import.meta.url).resolve('@microsoft/jest-sarif'));
    const text = readFileSync(join(lib, 'schemas/sarif-2.1.0-rtm.5.json'), 'utf8');
    // Draft 4, of which only the name of the identifier is not draft 7's here.
    const schema = JSON.parse(text) as Record<string, unknown>;
    delete schema['id'];
    delete schema['$schema'];
    const validate = new Ajv({ strict: false, validateFormats: false, unicodeRegExp: false }).compile(schema);
    assert.ok(validate(JSON.parse(JSON.stringify(log))), JSON.stringify(validate.errors));
    assert.equal(validate({ version: '2.1.0', runs: [{}] }), false, 'the schema refuses what is none');
  });

  it('has a result for every place, at the line of its limit', () => {
    const [run] = (log as { runs: { results: { ruleIndex: number; locations: object[] }[] }[] }).runs;
    assert.equal(run?.results.length, 2);
    assert.deepEqual(run.results[1]?.locations, [
      {
        physicalLocation: {
          artifactLocation: { uri: 'ci/my%20limits.yaml' },
          region: { startLine: 3, startColumn: 5 },
        },
        logicalLocations: [{ fullyQualifiedName: 'q_proj', kind: 'tensor' }],
      },
    ]);
  });
});

describe('GitHub annotations', () => {
  it('are one command a broken limit, and no name can end it or begin another', () => {
    const text = githubAnnotations(limits, process.cwd());
    const lines = text.split(/\r|\n/u);
    assert.deepEqual([lines.length, lines[1]], [2, '']);
    assert.match(
      lines[0] ?? '',
      /^::error file=ci\/my limits\.yaml,line=3,col=5,title=Limit broken in 2 of 7%3A /,
    );
    assert.ok(lines[0]?.includes('%0D%0A::error::%250A,:'));
    const properties = /^::error (.*?)::/u.exec(lines[0] ?? '')?.[1]?.split(',') ?? [];
    assert.deepEqual(
      properties.map((property) => property.split('=')[0]),
      ['file', 'line', 'col', 'title'],
    );
  });
});
