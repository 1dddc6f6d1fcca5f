// The order in which a plan is measured: the first layer, then every kind in proportion over the depth; and that no sum
// depends on it.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { measuringOrder } from '../../../src/engine/analysis/measuringOrder.ts';
import { planAnalysis } from '../../../src/engine/analysis/plan.ts';
import { StreamedSums, streamedTensor } from '../../../src/engine/analysis/streamedSums.ts';
import type { Step } from '../../../src/engine/analysis/step.ts';
import { defaultOptions } from '../../../src/shared/options/catalogue.ts';
import type { ModuleKind } from '../../../src/shared/report/moduleKinds.ts';
import { fakeTotals, matrix, pairOf, type FakeTensor } from './fakes.ts';

const kinds: ModuleKind[] = ['q', 'k', 'o', 'gate', 'down'];

function stepsOf(layers: number): Step[] {
  const inLayers = Array.from({ length: layers }, (_, layer) =>
    kinds.map((kind) => matrix(layer, kind, 8, 8)),
  ).flat();
  const embed: FakeTensor = { ...matrix(0, 'embed', 64, 8), name: 'embed', layer: null };
  const pairs = [...inLayers, embed].map(pairOf);
  const elements = pairs.reduce((sum, pair) => sum + pair.elements, 0);
  const machine = { totalMemoryBytes: 2 ** 40 };
  return planAnalysis({ pairs, notCompared: [], elements, notes: [] }, defaultOptions, machine).steps;
}

describe('the order of measuring', () => {
  const steps = stepsOf(28);

  it('takes every step once, the first layer first and the embedding last', () => {
    const { places, drawn } = measuringOrder(steps, 0);
    assert.deepEqual(
      [...places].sort((one, other) => one - other),
      [...steps.keys()],
    );
    assert.deepEqual(
      places.slice(0, kinds.length).map((place) => steps[place]?.pair.layer),
      kinds.map(() => 0),
    );
    assert.deepEqual(
      places.slice(-1).map((place) => steps[place]?.pair.module),
      ['embed'],
    );
    assert.equal(drawn, steps.length);
  });

  it('holds as many of each kind at any time, at different depths', () => {
    const { places } = measuringOrder(steps, 3);
    for (const rounds of [2, 4, 9]) {
      const found = places.slice(0, rounds * kinds.length).map((place) => steps[place]?.pair);
      for (const kind of kinds) {
        const depths = found.filter((pair) => pair?.module === kind).map((pair) => pair?.layer ?? -1);
        assert.equal(depths.length, rounds);
        if (rounds > 2) assert.equal(Math.max(...depths) - Math.min(...depths) > 14, true, depths.join(' '));
      }
    }
    // Each kind is drawn by itself: whole layers at a time would tell their kinds from their depth as little.
    const second = places.slice(kinds.length, 2 * kinds.length).map((place) => steps[place]?.pair.layer);
    assert.equal(new Set(second).size > 1, true);
  });

  it('is the same for a seed, and goes on in the order of the plan where too many would have to be kept', () => {
    assert.deepEqual(measuringOrder(steps, 7), measuringOrder(steps, 7));
    assert.notDeepEqual(measuringOrder(steps, 7), measuringOrder(steps, 8));
    const { places, drawn } = measuringOrder(stepsOf(400), 1);
    assert.equal(drawn, kinds.length + 1024);
    const rest = places.slice(drawn);
    assert.deepEqual(
      rest,
      [...rest].sort((one, other) => one - other),
    );
  });
});

describe('sums of Gates I and III', () => {
  const tensors = Array.from({ length: 12 }, (_, index) => {
    const tensor = matrix(index, 'q', 8, 8);
    const scale = 1 + Math.sin(index) / 3;
    const totals = { ...fakeTotals(tensor), sumSquaresDelta: scale * 1e-7, sumSquaresBase: scale * 1e3 };
    const deltaCounts = new Float64Array(32768);
    const deltaEnergies = new Float64Array(32768);
    for (let bin = index; bin < 32768; bin += 97) {
      deltaCounts[bin] = bin;
      deltaEnergies[bin] = scale / (bin + 1);
    }
    return streamedTensor({ ...totals, deltaCounts, deltaEnergies }, null);
  });
  const inOrder = new StreamedSums([...tensors.keys()]);
  for (const [place, tensor] of tensors.entries()) inOrder.add(place, tensor);

  it('are the same to the last bit in whatever order tensors come, with what has no sums between them', () => {
    const places = [...tensors.keys(), 40];
    const sums = new StreamedSums(places);
    const order = [7, 3, 11, 0, 40, 1, 2, 10, 9, 4, 8, 6, 5];
    for (const [turn, place] of order.entries()) {
      sums.add(place, tensors[place] ?? null);
      if (turn === 6) assert.equal(sums.sums().precision.compared, 6 * 64);
    }
    assert.deepEqual(sums.sums(), inOrder.sums());
    // Added as they come, they are not.
    const asTheyCame = order.reduce((sum, place) => sum + (tensors[place]?.totals.sumSquaresBase ?? 0), 0);
    assert.notEqual(asTheyCame, inOrder.sums().anchor.sumSquaresBase);
  });
});
