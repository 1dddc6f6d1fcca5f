// A listing comes out of its packed form as it went in, whatever its tensors share, and what is sent of it is small.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { problem } from '../../../src/shared/errors.ts';
import type { CheckpointListing, TensorEntry } from '../../../src/shared/protocol/engineProtocol.ts';
import { packListing, unpackListing } from '../../../src/shared/protocol/packedListing.ts';

const info: CheckpointListing['info'] = {
  ...{ label: 'base', path: '/base', format: 'safetensors', parameters: 9, tensors: 3, bytes: 18 },
  ...{ dtypes: {}, architecture: null, modelType: null, step: null, namedBase: null, files: ['a', 'b'] },
};
const entry = (name: string, rest: Partial<TensorEntry> = {}): TensorEntry => ({
  ...{ name, dtype: 'BF16', shape: [1, 11], elements: 11, bytes: 22, file: 'a' },
  ...rest,
});
const listingOf = (tensors: TensorEntry[]): CheckpointListing => ({
  ...{ info, tensors, metadata: { format: 'pt' }, problems: [problem('not-found', 'one is gone')] },
});

describe('a packed listing', () => {
  it('gives back every tensor, in order, whichever of its fields differs', () => {
    const tensors = [
      entry('__proto__'),
      entry('w'),
      entry('w, or "w"\n', { dtype: 'F16' }),
      entry('x', { shape: [11, 1] }),
      entry('y', { shape: [111], elements: 111 }),
      entry('z', { shape: [], elements: 1 }),
      entry('packed', { bytes: 6 }),
      entry('a b', { file: 'b' }),
      entry('w'),
    ];
    const packed = packListing(listingOf(tensors));
    assert.deepEqual(unpackListing(packed), listingOf(tensors));
    assert.deepEqual(unpackListing(structuredClone(packed)), listingOf(tensors));
    assert.equal(packed.kinds.length, 7);
  });

  it('is empty for an empty checkpoint', () => {
    assert.deepEqual(unpackListing(packListing(listingOf([]))), listingOf([]));
  });

  it('says once what tensors have in common', () => {
    const all = Array.from({ length: 1000 }, (_, at) => entry(`${at}`));
    const { kinds, kindOf } = packListing(listingOf(all));
    assert.deepEqual(kinds, [{ dtype: 'BF16', shape: [1, 11], elements: 11, bytes: 22, file: 'a' }]);
    assert.equal(kindOf.length, 1000);
  });
});
