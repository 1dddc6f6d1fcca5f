// What sending an update takes, in words: the format that takes least is named, and one that takes more than all of it says so.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ofDense, smallestSync, syncRows, syncSentence } from '../../../src/shared/text/syncText.ts';

const sparse = { dense: 2e6, changed: 1e4, indices: 6e4, gaps: 4e4, varints: 3e4, bitmap: 145_000 };
const dense = { dense: 2e6, changed: 1e6, indices: 6e6, gaps: 4e6, varints: 3e6, bitmap: 2_125_000 };

describe('what sending an update takes, in words', () => {
  it('names the format that takes least', () => {
    assert.equal(smallestSync(sparse).title, 'gaps as varints and values');
    assert.equal(syncSentence(sparse), '30.0 kB of 2.00 MB (gaps as varints and values)');
    assert.equal(smallestSync({ ...sparse, bitmap: 2e4 }).title, 'bitmap and values');
  });

  it('says where no format takes less than all of it', () => {
    assert.match(syncSentence(dense), /no sparse format takes less than a dense transfer/);
    assert.deepEqual(
      syncRows(dense).map(({ share }) => share),
      ['100 %', '300 %', '200 %', '150 %', '107 %'],
    );
    assert.equal(ofDense(2_000_001, 2e6), '101 %');
    assert.equal(ofDense(0, 0), '');
  });
});
