// Limits against reports: what holds and what is broken, by the report's own numbers; what could not be measured; what matches nothing.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { judgeLimits } from '../../../src/engine/limits/judge.ts';
import { parseLimitsFile } from '../../../src/engine/limits/limitsFile.ts';
import type { LimitResult } from '../../../src/shared/report/limitsReport.ts';
import type { Report } from '../../../src/shared/report/report.ts';
import { brokenSentence, limitRows } from '../../../src/shared/text/limitsTables.ts';
import { makeReport } from '../../support/reports.ts';

const report = makeReport();

function judged(line: string, of: Report = report): LimitResult {
  const [result] = judgeLimits(parseLimitsFile(`limits:\n  - ${line}`, 'limits.yaml'), of).limits;
  return result ?? assert.fail('no result');
}

/** The report with another value in the anchor of the whole model. */
function withDrift(relativeDrift: number | null): Report {
  const { summary } = report;
  const anchor = { value: { ...(summary.anchor.value ?? assert.fail()), relativeDrift }, reason: null };
  return { ...report, summary: { ...summary, anchor } };
}

describe('a limit on a number', () => {
  it('includes its end or not, as its sign says', () => {
    const standing = (line: string): string => judged(line, withDrift(0.01)).standing;
    assert.equal(standing('relativeDrift <= 0.01'), 'holds');
    assert.equal(standing('relativeDrift <= 1 %'), 'holds');
    assert.equal(standing('relativeDrift < 0.01'), 'broken');
    assert.equal(standing('relativeDrift >= 0.01'), 'holds');
    assert.equal(standing('relativeDrift > 0.01'), 'broken');
    assert.equal(standing('relativeDrift = 0.01'), 'holds');
    assert.equal(standing('relativeDrift = 0.02'), 'broken');
  });

  it('shows as many digits as tell the value from the limit', () => {
    const [reading] = judged('relativeDrift <= 0.01', withDrift(0.010000001)).broken;
    assert.equal(reading?.measured, '0.010000001');
    assert.equal(judged('relativeDrift <= 0.01', withDrift(0.03)).broken[0]?.measured, '0.0300');
  });

  it('is broken by what could not be measured, with the reason, unless it allows that', () => {
    const { standing, broken } = judged('relativeDrift <= 0.01', withDrift(null));
    assert.equal(standing, 'broken');
    assert.deepEqual(broken[0], {
      place: '',
      label: 'whole model',
      value: null,
      measured: 'not measured',
      reason: 'the base is zero',
    });
    assert.equal(judged('relativeDrift <= 0.01 or not measured', withDrift(null)).standing, 'holds');
    const norms = judged('norm: principalLift <= 1.5');
    assert.equal(norms.broken.length, norms.judged);
    assert.equal(
      norms.broken[0]?.reason,
      report.tensors.find(({ module }) => module === 'norm')?.geometry.reason,
    );
  });

  it('looks at every tensor, layer and module that its pattern names, and at no other', () => {
    const queries = report.tensors.filter(({ name }) => name.includes('q_proj'));
    const values = queries.map(({ precision }) => precision.value?.sparsityBf16 ?? assert.fail());
    const middle = values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
    const result = judged(`q_proj: sparsityBf16 >= ${middle}`);
    assert.equal(result.judged, queries.length);
    assert.deepEqual(
      result.broken.map(({ place }) => place),
      queries.filter((_, index) => (values[index] ?? 0) < middle).map(({ name }) => name),
    );
    assert.equal(result.nearest?.value, middle);
    assert.equal(judged('layer: relativeDrift >= 0').judged, report.layers.length);
    assert.equal(judged('layer 1: relativeDrift >= 0').judged, 1);
    assert.equal(judged('module o: relativeDrift >= 0').judged, 1, 'not norm, nor down');
  });

  it('is judged by its whole range where the value is below resolution', () => {
    const [value, error] = [1e-6, 1e-5];
    const { summary } = report;
    const measured = summary.geometry.value ?? assert.fail();
    const geometry = { ...measured, spectralDriftTopK: value, spectralDriftTopKError: error };
    const unresolved = { ...report, summary: { ...summary, geometry: { value: geometry, reason: null } } };
    assert.equal(judged(`spectralDriftTopK <= ${value + error * 2}`, unresolved).standing, 'holds');
    const unclear = judged(`spectralDriftTopK <= ${value + error / 2}`, unresolved);
    assert.equal(unclear.broken[0]?.measured, 'below resolution');
    assert.match(unclear.broken[0].reason ?? '', /^it is at most /);
    assert.equal(judged(`spectralDriftTopK <= ${value} or not measured`, unresolved).standing, 'holds');
    assert.equal(
      judged(`spectralDriftTopK >= ${value + error * 2} or not measured`, unresolved).standing,
      'broken',
    );
  });
});

describe('a limit on a word', () => {
  it('is held by the words that it names', () => {
    const { name } = report.summary.regime;
    assert.equal(judged(`regime is ${name}`).standing, 'holds');
    assert.equal(judged(`regime is not ${name}`).standing, 'broken');
    assert.equal(judged(`regime is unchanged or ${name}`).standing, 'holds');
    assert.equal(judged('regime is unchanged').broken[0]?.measured, name);
  });

  it('is broken by a word that says that nothing was found out, unless it names or allows that', () => {
    const { summary } = report;
    const regime = { ...summary.regime, name: 'inconclusive' as const, sentence: 'Too little was compared.' };
    const vague = { ...report, summary: { ...summary, regime } };
    const result = judged('regime is not sft-range', vague);
    assert.deepEqual([result.standing, result.broken[0]?.reason], ['broken', 'Too little was compared.']);
    assert.equal(judged('regime is not sft-range or not measured', vague).standing, 'holds');
    assert.equal(judged('regime is inconclusive', vague).standing, 'holds');
  });

  it('knows readings beyond size', () => {
    const reading = report.summary.gates.geometry.beyondSize?.readings.find(
      ({ metric }) => metric === 'rotationMeanDeg',
    );
    assert.ok(reading !== undefined && reading.word !== 'unknown');
    assert.equal(judged(`rotationMeanDegBeyond is ${reading.word}`).standing, 'holds');
    assert.equal(judged(`rotationMeanDegBeyond is not ${reading.word}`).standing, 'broken');
  });
});

describe('a tensor that could not be compared', () => {
  const partial = makeReport({ unreadable: [0] });
  const name = partial.tensors[0]?.name ?? '';

  it('breaks a limit on it, with the reason', () => {
    const { broken } = judged(`${name.replaceAll('.', '\\.')}: identical is true`, partial);
    assert.equal(broken[0]?.place, name);
    assert.equal(broken[0].reason, partial.tensors[0]?.problem?.message);
  });

  it('is looked for among those that only one side has, but not among those left out', () => {
    const reason = {
      code: 'only-in-base',
      message: 'lm_head is in the base alone.',
      file: null,
      tensor: null,
    } as const;
    const missing = { name: 'lm_head.extra', side: 'base', elements: 4, reason } as const;
    const coverage = { ...report.coverage, notCompared: [missing] };
    const result = judged('lm_head.extra: relativeDrift <= 1', { ...report, coverage });
    assert.deepEqual([result.judged, result.broken[0]?.reason], [1, reason.message]);
    const left = { ...missing, reason: { ...reason, code: 'not-selected' as const } };
    const without = { ...report, coverage: { ...coverage, notCompared: [left] } };
    assert.throws(() => judged('lm_head.extra: relativeDrift <= 1', without), { name: 'ThreeGateError' });
  });
});

describe('limits together', () => {
  it('refuse a limit that matches nothing, at its place', () => {
    assert.throws(() => judged('nowhere: relativeDrift <= 1'), {
      message:
        'limits.yaml:2:5: "nowhere: relativeDrift <= 1" looks at nothing: this pair has no tensor that /nowhere/ matches.',
    });
    assert.throws(() => judged('layer 99: relativeDrift <= 1'), { message: /this pair has no layer that/ });
  });

  it('are refused by a report of a sample, wherever that comes from', () => {
    const sample = { share: 0.02, seed: 1, kinds: [], estimates: [], undecided: [] };
    assert.throws(() => judged('relativeDrift <= 1', { ...report, sample }), {
      message: 'Limits are held against all tensors, not against a sample of them: analyse without --sample.',
    });
  });

  it('are told with the broken ones first, and no more places than fit', () => {
    const text = 'limits:\n  - relativeDrift >= 0\n  - tensor: relativeDrift < 0\n';
    const limits = judgeLimits(parseLimitsFile(text, 'limits.yaml'), report);
    const rows = limitRows(limits);
    assert.equal(limits.broken, 1);
    assert.deepEqual(
      rows.map(({ standing }) => standing),
      [...Array<string>(9).fill('broken'), 'holds'],
    );
    const all = report.tensors.length;
    assert.equal(rows[8]?.cells[3], `… and ${all - 8} more: broken in ${all} of ${all}`);
    assert.match(
      brokenSentence(limits),
      /^the limit "tensor: relativeDrift < 0" is broken: relativeDrift is /,
    );
  });
});
