// The header view's tree: order, sums, folding, filtering, and linear work.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { TensorEntry } from '../../../src/shared/protocol/engineProtocol.ts';
import { buildTree, matchingRows, visibleRows, type TreeNode } from '../../../webview/header/tensorTree.ts';

function tensor(name: string, elements = 4): TensorEntry {
  return { name, dtype: 'F32', shape: [elements], elements, bytes: elements * 4, file: 'model.safetensors' };
}

describe('the tensor tree', () => {
  const tensors = ['m.layers.10.w', 'm.layers.9.w', 'm.layers.9.b', 'head'].map((name) => tensor(name));

  it('orders layers by number and joins chains without branches', () => {
    const rows = visibleRows(buildTree(tensors), new Set(['m.layers', 'm.layers.9']));
    assert.deepEqual(
      rows.map(({ node, depth }) => `${' '.repeat(depth)}${node.label}`),
      ['head', 'm.layers', ' 9', '  b', '  w', ' 10.w'],
    );
  });

  it('sums tensors, elements and bytes', () => {
    const [, layers] = buildTree(tensors);
    assert.deepEqual([layers?.tensors, layers?.elements, layers?.bytes], [3, 12, 48]);
  });

  it('keeps a tensor whose name is the start of another', () => {
    const rows = visibleRows(buildTree([tensor('a'), tensor('a.b')]), new Set(['a']));
    assert.deepEqual(
      rows.map(({ node }) => [node.name, node.tensor !== null]),
      [
        ['a', true],
        ['a.b', true],
      ],
    );
  });

  it('is the same in whatever order the tensors lie', () => {
    const names = Array.from({ length: 60 }, (_, at) => [
      `m.${at % 7}.e.${at}.w`,
      `m.${at % 7}.e.${at}.b`,
      `x${at}`,
    ]);
    const all = names.flat().map((name, at) => tensor(name, at + 1));
    const scattered = all.toSorted(
      (left, right) => ((left.elements * 53) % 181) - ((right.elements * 53) % 181),
    );
    assert.notDeepEqual(scattered, all);
    const spread = (nodes: readonly TreeNode[]): unknown[] =>
      nodes.map(({ children, ...node }) => ({ ...node, children: spread(children) }));
    const tree = buildTree(all);
    assert.deepEqual(spread(buildTree(scattered)), spread(tree));
    const [m] = tree;
    assert.deepEqual([m?.label, m?.tensors, m?.children.length], ['m', 120, 7]);
    assert.equal(
      tree.reduce((sum, { elements }) => sum + elements, 0),
      (180 * 181) / 2,
    );
  });

  it('finds tensors by all words of a filter, whatever their case', () => {
    assert.deepEqual(
      matchingRows(tensors, '9 W').map(({ node }) => node.name),
      ['m.layers.9.w'],
    );
  });

  it('is empty for an empty checkpoint', () => {
    assert.deepEqual(visibleRows(buildTree([]), new Set()), []);
  });
});
