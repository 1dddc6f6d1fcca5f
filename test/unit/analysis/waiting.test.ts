// What is told first, and how far reading goes ahead of the decomposition.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { runAnalysis } from '../../../src/engine/analysis/runAnalysis.ts';
import { defaultOptions } from '../../../src/shared/options/catalogue.ts';
import { fakePorts, matrix, type FakeTensor } from './fakes.ts';
import { analyze, row, comparable } from './analyzeFakes.ts';

describe('the first layer', () => {
  const layers = [0, 0, 0, 1, 1].map((layer, i) => ({
    ...matrix(layer, 'q', 8 + i, 8),
    name: `model.layers.${layer}.${i}.weight`,
  }));

  it('is told whole before anything is decomposed, and again nothing twice, whatever memory there is', async () => {
    const plenty = await analyze({ tensors: layers });
    for (const memoryBytes of [1, 2 * 4 * 8 * 10, 2 ** 30]) {
      let toldAtFirst = -1;
      const told = new Set<string>();
      const streams = new Map<string, number>();
      const ports = fakePorts({
        tensors: layers,
        onStream: ({ name }, wantMatrices) => {
          if (wantMatrices) streams.set(name, (streams.get(name) ?? 0) + 1);
        },
        onMeasure: () => {
          if (toldAtFirst === -1) toldAtFirst = told.size;
        },
      });
      const request = {
        basePath: '/base',
        tunedPath: '/tuned',
        options: { ...defaultOptions, memoryBytes },
        configPaths: null,
      };
      const report = await runAnalysis(
        request,
        ports,
        (event) => {
          if (event.kind !== 'tensors') return;
          for (const { tensor } of event.changed) if (tensor.status !== 'pending') told.add(tensor.name);
        },
        new AbortController().signal,
      );
      assert.ok(toldAtFirst >= 3, `${toldAtFirst} of 3 with ${memoryBytes} bytes`);
      assert.deepEqual([...streams.values()], [1, 1, 1, 1, 1]);
      assert.deepEqual(comparable(report), comparable(plenty.report));
    }
  });

  it('adds up in the order of the plan, also where a tensor has to wait for its turn', async () => {
    // Each of the small ones is lost beside the large one, unless they are added before it.
    const changedBy = (delta: number, i: number): FakeTensor => ({
      ...matrix(0, 'q', 8, 8),
      name: `model.layers.0.${i}.weight`,
      base: [1, ...new Array<number>(63).fill(0)],
      tuned: [1, delta, ...new Array<number>(62).fill(0)],
    });
    const tensors = Array.from({ length: 65 }, (_, i) => changedBy(i === 1 ? 1e8 : 1, i));
    const plenty = await analyze({ tensors });
    let failed = 0;
    const { report } = await analyze(
      {
        tensors,
        onStream: ({ name }, wantMatrices) => {
          if (name !== tensors[1]?.name || wantMatrices) return;
          failed += 1;
          throw new Error('not now');
        },
      },
      { memoryBytes: 1 },
    );
    assert.equal(failed, 1);
    assert.deepEqual(comparable(report), comparable(plenty.report));
  });

  it('says why of a tensor that could be counted but not read again', async () => {
    const { report } = await analyze(
      {
        tensors: layers,
        onStream: ({ name }, wantMatrices) => {
          if (name === layers[2]?.name && wantMatrices) throw new Error('gone');
        },
      },
      { memoryBytes: 1 },
    );
    const found = row(report, 'model.layers.0.2.weight');
    assert.equal(found.status, 'done');
    assert.notEqual(found.precision.value, null);
    assert.match(found.geometry.reason ?? '', /gone/);
    assert.equal(report.coverage.compared, report.coverage.elements);
  });
});

describe('memory', () => {
  it('reads ahead only as far as the budget lets matrices wait', async () => {
    const tensors = Array.from({ length: 6 }, (_, layer) => matrix(layer, 'q', 8, 8));
    const bytes = 2 * 4 * 64;
    for (const [budget, most] of [
      [1, 1],
      [bytes, 1],
      [3 * bytes, 3],
      [100 * bytes, 6],
    ] as const) {
      let held = 0;
      let peak = 0;
      const { report } = await analyze(
        {
          tensors,
          onStream: () => {
            held += 1;
            peak = Math.max(peak, held);
          },
          onMeasure: async () => {
            await new Promise((resolve) => setTimeout(resolve, 2));
            held -= 1;
          },
        },
        { memoryBytes: budget },
      );
      assert.equal(report.summary.geometry.value?.matrices, 6);
      assert.equal(peak, most, `with a budget of ${budget} bytes`);
    }
  });
});
