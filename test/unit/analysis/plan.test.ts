// What the plan reserves for a tensor: the bytes that both sides take until they are decomposed, and a copy of one.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { planAnalysis } from '../../../src/engine/analysis/plan.ts';
import type { TensorPair } from '../../../src/engine/checkpoint/checkpoint.ts';
import { defaultOptions } from '../../../src/shared/options/catalogue.ts';
import type { ModuleKind } from '../../../src/shared/report/moduleKinds.ts';
import { pairOf } from './fakes.ts';
import type { DtypeName } from '../../../src/engine/checkpoint/dtype.ts';

const [base, tuned]: [DtypeName, DtypeName] = ['BF16', 'BF16'];

function reserved(shape: number[], module: ModuleKind, dtypes = [base, tuned], memory = 2 ** 40): number {
  const elements = shape.reduce((product, size) => product * size, 1);
  const found = pairOf({ name: module, shape, module, base: [], tuned: [] });
  const pair: TensorPair = {
    ...found,
    elements,
    base: { ...found.base, elements, dtype: dtypes[0] ?? base },
    tuned: { ...found.tuned, elements, dtype: dtypes[1] ?? tuned },
  };
  const machine = { version: '', threads: 2, totalMemoryBytes: memory, peakRssBytes: () => null };
  const pairing = { pairs: [pair], notCompared: [], elements, notes: [] };
  const [step] = planAnalysis(pairing, defaultOptions, machine).steps;
  assert.ok(step);
  return step.matrixBytes;
}

describe('memory reserved for a tensor', () => {
  const embedding = 151_936 * 1536;
  const projection = 8960 * 1536;

  it('is a word an element for a bf16 embedding, whose rows are widened as they are read', () => {
    assert.equal(reserved([151_936, 1536], 'embed'), 4 * embedding);
  });

  it('is float32 of both sides and a copy for any other matrix, and where one side is not bf16', () => {
    assert.equal(reserved([8960, 1536], 'up'), 12 * projection);
    assert.equal(reserved([512, 8960], 'up'), 8 * 512 * 8960, 'solved whole');
    assert.equal(reserved([151_936, 1536], 'embed', ['BF16', 'F32']), 8 * embedding);
    assert.equal(reserved([151_936, 1536], 'embed', ['F16', 'F16']), 8 * embedding);
  });

  it('is the packed stack, one of its matrices as float32 and a copy for experts', () => {
    assert.equal(reserved([16, 8960, 1536], 'experts'), 4 * 16 * projection + 12 * projection);
    assert.equal(
      reserved([16, 8960, 1536], 'experts', ['BF16', 'F32']),
      8 * 16 * projection + 4 * projection,
    );
  });

  it('decides what a machine can hold', () => {
    assert.equal(reserved([151_936, 1536], 'embed', ['BF16', 'F32'], 4e9), 0);
    assert.equal(reserved([151_936, 1536], 'embed', [base, tuned], 4e9), 4 * embedding);
  });
});
