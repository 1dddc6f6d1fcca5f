// The page of a file's header: what is unfolded at first, what a filter shows, and what the editor keeps.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { HeaderDocument } from '../../../src/shared/protocol/headerProtocol.ts';
import type { TensorEntry } from '../../../src/shared/protocol/engineProtocol.ts';
import { initialState, keptOf, reduce, rowsOf, type HeaderState } from '../../../webview/header/state.ts';

function documentOf(names: readonly string[]): HeaderDocument {
  const tensors = names.map((name): TensorEntry => ({
    ...{ name, dtype: 'BF16', shape: [2], elements: 2, bytes: 4, file: 'model.safetensors' },
  }));
  const info = {
    ...{ label: 'base', path: '/base', format: 'safetensors' as const, parameters: 2, tensors: 1, bytes: 4 },
    ...{
      dtypes: {},
      architecture: null,
      modelType: null,
      step: null,
      namedBase: null,
      files: ['model.safetensors'],
    },
  };
  return { listing: { info, metadata: {}, problems: [], tensors }, problem: null };
}

const opened = (names: readonly string[], kept?: unknown): HeaderState =>
  reduce(initialState(kept), { kind: 'document', document: documentOf(names) });
const labels = (state: HeaderState): string[] => rowsOf(state).map(({ node }) => node.label);

describe('the page of a header', () => {
  const few = ['m.layers.0.w', 'm.layers.1.w', 'head'];
  const many = Array.from({ length: 60 }, (_, at) => `m.layers.${at}.w`);

  it('unfolds from the top as far as a screen has room', () => {
    assert.deepEqual(labels(opened(few)), ['head', 'm.layers', '0.w', '1.w']);
    assert.deepEqual(labels(opened(many)), ['m.layers']);
  });

  it('shows what was unfolded before, also when that is nothing', () => {
    assert.deepEqual(labels(opened(few, { expanded: [], filter: '' })), ['head', 'm.layers']);
    assert.deepEqual(labels(opened(few, { expanded: 'odd', filter: 7 })), ['head', 'm.layers']);
    assert.equal(labels(opened(many, { expanded: ['m.layers'], filter: '' })).length, 61);
  });

  it('folds and unfolds, and keeps that', () => {
    const folded = reduce(opened(few), { kind: 'toggle', name: 'm.layers' });
    assert.deepEqual(labels(folded), ['head', 'm.layers']);
    assert.deepEqual(keptOf(folded), { expanded: [], filter: '' });
    const again = reduce(folded, { kind: 'toggle', name: 'm.layers' });
    assert.deepEqual(keptOf(again).expanded, ['m.layers']);
  });

  it('lists what a filter finds, folded or not', () => {
    const filtered = reduce(opened(many), { kind: 'filter', text: 'LAYERS.5 w' });
    assert.deepEqual(labels(filtered).slice(0, 2), ['m.layers.5.w', 'm.layers.50.w']);
    assert.equal(keptOf(filtered).filter, 'LAYERS.5 w');
    assert.deepEqual(labels(reduce(filtered, { kind: 'filter', text: ' ' })), ['m.layers']);
  });
});
