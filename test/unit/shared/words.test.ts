// The words of a verdict: the footprint first, what is left beyond its size second, what config or log say third; every reading
// beside its null; published numbers beside their own statistic alone; and nowhere a claim how a run was made.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { reportText } from '../../../src/cli/reportText.ts';
import { runsText } from '../../../src/cli/runsText.ts';
import { styleFor } from '../../../src/cli/style.ts';
import { beyondCell, randomText, rowsBesideNull } from '../../../src/shared/text/besideNull.ts';
import {
  publishedBands,
  publishedScales,
  type PublishedScaleId,
} from '../../../src/shared/report/published.ts';
import { publishedValue } from '../../../src/shared/report/publishedStatistics.ts';
import { bandText, publishedRows } from '../../../src/shared/text/publishedTables.ts';
import { regimeLines, regimeCatalogue } from '../../../src/shared/text/regimeText.ts';
import type { Report } from '../../../src/shared/report/report.ts';
import { reportCsv } from '../../../src/shared/text/reportCsv.ts';
import { reportMarkdown } from '../../../src/shared/text/reportMarkdown.ts';
import { metricWords } from '../../../src/shared/text/metrics.ts';
import { runsMarkdown } from '../../../src/shared/text/runsMarkdown.ts';
import { settledSentence } from '../../../src/shared/text/runsTables.ts';
import type { BeyondReading, GateVerdict, Reading, Regime } from '../../../src/shared/report/verdicts.ts';
import { publishedLike } from '../../support/publishedLike.ts';
import { makeReport } from '../../support/reports.ts';
import { makeRunsReport } from '../../support/runsReports.ts';

const plain = styleFor({}, {});
const regime: Regime = {
  name: 'rlvr-range',
  headline: 'In the range of published RLVR runs',
  sentence: 'The gates hold.',
  beyondSize: 'A random update of this size would leave 45.6 % unchanged and the same masks.',
  evidence: 'The config says GRPO (TRL), which agrees.',
};

function beside(metric: string, value: number, expected: number, word: BeyondReading['word']): BeyondReading {
  const ratio = value / expected;
  return { metric, value, expected, low: expected / 1.2, high: expected * 1.2, ratio, word, reason: null };
}

function reading(metric: string, value: number): Reading {
  return { metric, value, vote: 'holds', threshold: { holds: 1, broken: 5 }, source: 'test' };
}

const geometry: GateVerdict = {
  gate: 'geometry',
  verdict: 'off-principal',
  standing: 'holds',
  rule: 'rule',
  readings: [reading('rotationMeanDeg', 0.15), reading('principalLift', 0.42)],
  beyondSize: {
    readings: [
      beside('rotationMeanDeg', 0.15, 0.2, 'less'),
      beside('principalLift', 0.42, 0.416, 'as random'),
      beside('principalEnergy', 0.274, 0.033, 'more'),
    ],
    words: 'less rotation',
  },
};

function withRegime(report: Report, change: Partial<Regime>): Report {
  return { ...report, summary: { ...report.summary, regime: { ...regime, ...change } } };
}

const report = withRegime(makeReport({ model: 'nano' }), {});
const asked: Report = { ...report, options: { ...report.options, profile: 'published' } };

/** The first places of these texts, which must be there and in this order. */
function inOrder(text: string, parts: readonly string[]): void {
  const squeezed = text.replaceAll(/\s+/gu, ' ');
  const places = parts.map((part) => squeezed.indexOf(part));
  assert.ok(
    places.every((place) => place >= 0),
    `${parts.join(' / ')} at ${places.join(', ')}`,
  );
  assert.deepEqual(
    places,
    [...places].sort((one, other) => one - other),
  );
}

describe('a regime in words', () => {
  it('comes first in terminal and Markdown, followed by what is left beyond size and by the evidence', () => {
    const { headline, beyondSize, evidence, sentence, name } = regime;
    const order = [headline, name, beyondSize ?? '', evidence ?? '', sentence];
    inOrder(reportText(report, plain, 110), order);
    inOrder(reportMarkdown(report), order);
  });

  it('says the footprint itself where there is no null', () => {
    assert.deepEqual(regimeLines({ ...regime, beyondSize: null }), [regime.sentence, regime.evidence]);
    assert.deepEqual(regimeLines({ ...regime, beyondSize: null, evidence: null }), [regime.sentence]);
  });

  it('has no name of a machine in the tables and sentences of a run', () => {
    const { trajectories, ...runs } = makeRunsReport({ trajectories: 1 });
    const [trajectory] = trajectories;
    assert.ok(trajectory !== undefined);
    for (const point of trajectory.points) point.regime = 'rlvr-range';
    const named = { ...runs, trajectories };
    for (const text of [settledSentence(trajectory), runsText(named, plain, 120), runsMarkdown(named)]) {
      assert.doesNotMatch(text, /rlvr-range/u);
    }
    assert.match(runsText(named, plain, 120), new RegExp(regimeCatalogue['rlvr-range'].title, 'u'));
  });
});

describe('a reading beside its null', () => {
  it('has the null’s mean, the range of its draws where it has one, and a word', () => {
    const range = { mean: 0.2, low: 0.17, high: 0.23 };
    const pool = { ...report.summary.geometry.value!, rotationMeanExpectedDeg: range };
    assert.deepEqual(
      rowsBesideNull(geometry, pool).map(({ metric, measured, random, word }) => [
        metric,
        measured,
        random,
        word,
      ]),
      [
        ['rotationMeanDeg', '0.15°', '0.20° (0.17° to 0.23°)', 'less (×0.75)'],
        ['principalLift', '×0.42', '×0.42', 'as random'],
        ['principalEnergy', '27.4 %', '3.30 %', 'more (×8.30)'],
      ],
    );
    assert.equal(randomText('sparsityBf16', null, null), '–');
  });

  it('is one cell in the tables of layers and modules', () => {
    const precision: GateVerdict = { ...geometry, beyondSize: null };
    assert.equal(beyondCell({ geometry, precision } as never), '−rotation +energy');
    const nothing = { readings: [beside('principalLift', 1, 1, 'as random')], words: '' };
    assert.equal(
      beyondCell({ geometry: { ...geometry, beyondSize: nothing }, precision } as never),
      'as random',
    );
    assert.equal(beyondCell({ geometry: precision, precision } as never), '–');
  });

  it('stands in terminal and Markdown with a title, and its gate without a null has no column for one', () => {
    for (const { metric } of geometry.beyondSize?.readings ?? []) assert.ok(metricWords(metric) !== null);
    const gates = { ...report.summary.gates, geometry } as Report['summary']['gates'];
    const judged = { ...report, summary: { ...report.summary, gates } };
    for (const text of [reportText(judged, plain, 120), reportMarkdown(judged)]) {
      assert.match(text, /Mean rotation.*0\.15°.*0\.20°.*less \(×0\.75\)/u);
      assert.match(text, /Energy in the leading subspaces.*27\.4 %.*3\.30 %.*more \(×8\.30\)/u);
    }
    const gateI = /Gate I · [\s\S]*?Gate II/u.exec(reportText(judged, plain, 120))?.[0] ?? '';
    assert.doesNotMatch(gateI, /if random/u);
  });

  it('has a column of its own for every expected value of the CSV', () => {
    const head = reportCsv(report).split('\r\n')[0]?.split(',') ?? [];
    const { precision, geometry: measured } = report.tensors.find(
      ({ geometry: { value } }) => value !== null,
    )!;
    const names = [...Object.keys(precision.value ?? {}), ...Object.keys(measured.value ?? {})];
    const expected = names.filter((name) => name.includes('Expected') && name !== 'ulpHistogramExpected');
    assert.ok(expected.length >= 13, expected.join(' '));
    for (const name of [
      ...expected,
      'ulpHistogramExpected.one',
      'spectralDriftTopKExpectedHigh',
      'nullReason',
    ]) {
      assert.ok(head.includes(name), name);
    }
    for (const { metric } of geometry.beyondSize?.readings ?? []) assert.ok(head.includes(`${metric}Beyond`));
    assert.equal(new Set(head).size, head.length);
  });
});

describe('published numbers', () => {
  it('stand on the scale of their own statistic, with its source', () => {
    assert.deepEqual(Object.keys(publishedBands), ['sparsityBf16']);
    for (const [id, { statistic, bands }] of Object.entries(publishedScales)) {
      assert.ok(statistic.length > 0, id);
      for (const { from, to, source } of bands) {
        assert.ok(from <= to, id);
        assert.match(source, /arXiv \d{4}\.\d{5}, (?:.*, )?(?:Table|Fig\.|App\.|§)/u);
      }
    }
    assert.equal(bandText('meanPrincipalOverlap', 'OPD'), '0.273 (×0.91)');
  });

  it('have a measured number of the same statistic for each scale', () => {
    const found = publishedLike('rlvr', 28);
    const ids = Object.keys(publishedScales) as PublishedScaleId[];
    assert.ok(ids.every((id) => publishedValue(found, id) !== null));
    assert.equal(publishedValue(found, 'angleCurveEndDeg'), found.angleCurve.value?.leftDeg.at(-1));
    const none = publishedLike('rlvr', 28, 0);
    assert.deepEqual(
      ids.filter((id) => publishedValue(none, id) === null),
      ['meanSpectralDriftFull', 'angleCurveEndDeg', 'meanLowMagnitudeOverlap', 'meanPrincipalOverlap'],
    );
    assert.equal(publishedRows(none).length, ids.length);
  });

  it('are beside no reading of the terminal but the unchanged share, and in a block where they are asked for', () => {
    const text = reportText(report, plain, 140);
    assert.doesNotMatch(text, /As published/u);
    assert.equal(text.match(/on-policy dist\./gu)?.length, 1);
    for (const whole of [reportText(asked, plain, 140), reportMarkdown(asked)]) {
      assert.match(whole, /As published/u);
      assert.match(whole, /Spectral drift, all singular values.*2\.1e-5.*about 1e-3.*\d+ of \d+ matrices/u);
      assert.match(whole, /Overlap with principal weights.*0\.268 \(×0\.89\).*0\.267 \(×0\.89\)/u);
    }
  });

  it('are beside the overlaps of runs, with the layers, as they are of one block', () => {
    for (const text of [runsText(makeRunsReport(), plain, 120), runsMarkdown(makeRunsReport())]) {
      assert.match(text, /published, one block of five runs.*0\.55–0\.60.*0\.37–0\.47/u);
      assert.match(text, /random masks\s+by\s+0\.37–0\.47\s+\(arXiv/u);
    }
  });
});

describe('every text of the project', () => {
  const claim = /look(?:s|ed|ing)? like (?:an? )?(?:reinforcement|supervised|RLVR|SFT|RL )/iu;
  const texts = (folder: string): string[] =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.(?:ts|mjs|md|json|css|html|svg|py)$/u.test(entry.name))
      .map(({ parentPath, name }) => join(parentPath, name))
      .filter((path) => !path.includes(join('test', 'fixtures')));

  it('names a footprint and never how a run was made', () => {
    const files = [...['src', 'webview', 'test', 'media', '.ci'].flatMap(texts)];
    const single = ['README.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'ARCHITECTURE.md', 'package.json'];
    const all = [...files, ...single, 'package.nls.json'];
    assert.ok(all.length > 400);
    for (const path of all) {
      assert.doesNotMatch(readFileSync(path, 'utf8').replaceAll(/\s+/gu, ' '), claim, path);
    }
  });
});
