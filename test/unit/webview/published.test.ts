// The "As published" view: every published statistic in its own words, on an axis that holds its bands.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { publishedScales } from '../../../src/shared/report/published.ts';
import { publishedRows, type PublishedRow } from '../../../webview/pair/gates/publishedRows.ts';
import { positionOn } from '../../../webview/parts/model/scale.ts';
import { publishedLike } from '../../support/publishedLike.ts';

const rowOf = (rows: readonly PublishedRow[], id: PublishedRow['id']): PublishedRow =>
  rows.find((row) => row.id === id) ?? assert.fail(id);

describe('as published', () => {
  const rlvr = publishedRows(publishedLike('rlvr', 28));

  it('has a row for every published statistic, each with its own bands and no others', () => {
    assert.deepEqual(
      rlvr.map(({ id, title }) => [id, title]),
      Object.entries(publishedScales).map(([id, { title }]) => [id, title]),
    );
    for (const { id, bands } of rlvr) assert.deepEqual(bands, publishedScales[id].bands);
  });

  it('writes each value in its unit', () => {
    assert.deepEqual(
      rlvr.map(({ text }) => text),
      ['74.0 %', '2.1e-5', '0.80°', '0.42°', '0.710', '0.268'],
    );
  });

  it('takes the end of the angle curve from the side that turned further', () => {
    const found = publishedLike('rlvr', 28);
    const curve = found.angleCurve.value ?? assert.fail();
    const turned = {
      ...found,
      angleCurve: { ...found.angleCurve, value: { ...curve, rightDeg: [0.1, 7] } },
    };
    assert.equal(rowOf(publishedRows(turned), 'angleCurveEndDeg').text, '7.00°');
  });

  it('gives every band room on its axis, in the order of its numbers', () => {
    for (const { id, scale, bands } of rlvr) {
      for (const { from, to, regime } of bands) {
        // Zero has no place on a logarithmic axis: it stands at the low end.
        const isOpen = scale.kind === 'log' && from === 0;
        assert.ok(isOpen || from >= scale.min, `${id} ${regime} begins below the axis`);
        assert.ok(to <= scale.max, `${id} ${regime} ends above the axis`);
        assert.ok(positionOn(scale, from) <= positionOn(scale, to), `${id} ${regime}`);
      }
    }
  });

  it('tells the regimes apart by where a value stands among the bands', () => {
    const drifts = (['rlvr', 'mixed', 'sft'] as const).map((like) => {
      const { scale, value } = rowOf(publishedRows(publishedLike(like, 28)), 'meanSpectralDriftFull');
      return positionOn(scale, value ?? NaN);
    });
    const { scale, bands } = rowOf(rlvr, 'meanSpectralDriftFull');
    const nearest = drifts.map((at) => {
      const distances = bands.map(({ from }) => Math.abs(positionOn(scale, from) - at));
      return bands[distances.indexOf(Math.min(...distances))]?.regime;
    });
    assert.deepEqual(nearest, ['RLVR', 'OPD', 'SFT']);
  });

  it('says on how many matrices a value rests, and why it is not all of them', () => {
    const some = rowOf(publishedRows(publishedLike('rlvr', 28, 20)), 'meanSpectralDriftFull');
    assert.equal(
      some.why,
      'mean over matrices, each counting once; 20 of 28 matrices. Larger matrices: with the profile "published" only.',
    );
    assert.equal(rowOf(rlvr, 'meanSpectralDriftFull').why, 'mean over matrices, each counting once');
  });

  it('says "not computed", with the reason, where there is no value', () => {
    const none = publishedRows(publishedLike('rlvr', 28, 0));
    const drift = rowOf(none, 'meanSpectralDriftFull');
    assert.deepEqual([drift.value, drift.text], [null, 'not computed']);
    assert.ok(drift.lines.includes('Not measured.'));
    const end = rowOf(none, 'angleCurveEndDeg');
    assert.equal(end.text, 'not computed');
    // One matrix alone has a curve, so no count of matrices stands before its reason.
    assert.ok(end.why.endsWith('; With the profile "published" only.'));
  });

  it('names the source of every band in its hover', () => {
    for (const { bands, lines } of rlvr) {
      for (const { source, note } of bands)
        assert.ok(lines.some((line) => line.includes(source) && line.includes(note)));
    }
  });
});
