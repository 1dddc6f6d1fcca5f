// A sampled preview: which tensors are drawn, how far its estimates lie from the whole, and that no regime hides it.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { drawSample } from '../../../src/engine/analysis/sampleDesign.ts';
import { SampleEstimates } from '../../../src/engine/analysis/sampleEstimates.ts';
import { studentT95 } from '../../../src/engine/analysis/studentT.ts';
import type { Step } from '../../../src/engine/analysis/step.ts';
import type { ModuleKind } from '../../../src/shared/report/moduleKinds.ts';
import { NormalGenerator } from '../../../src/engine/linalg/random.ts';
import { analyze, isProblem } from './analyzeFakes.ts';
import { fakeTotals, matrix, pairOf, type FakeTensor } from './fakes.ts';

const kinds: ModuleKind[] = ['q', 'k', 'v', 'o', 'gate', 'up', 'down'];
const layers = 32;

function model(): FakeTensor[] {
  const inLayers = Array.from({ length: layers }, (_, layer) =>
    kinds.map((kind) => matrix(layer, kind, kind === 'k' || kind === 'v' ? 2 : 8, 8)),
  ).flat();
  return [{ ...matrix(0, 'embed', 1024, 8), name: 'embed', layer: null }, ...inLayers];
}

describe('a sample', () => {
  const pairs = model().map(pairOf);

  it('draws its share of every kind over the layers, at least one, and no embedding beyond its share of the bytes', () => {
    for (const [share, count] of [
      [0.001, 1],
      [0.02, 1],
      [0.1, 3],
      [0.5, 16],
    ] as const) {
      const { strata } = drawSample(pairs, share, 7);
      const drawn = strata.map(({ module, drawn: of }) => [module, of]);
      const embed = ['embed', share < 0.5 ? 0 : 1];
      assert.deepEqual(drawn, [embed, ...kinds.map((kind) => [kind, count])]);
    }
  });

  it('is the same for a seed, another for another, part of a larger one, and spread over the depth', () => {
    const names = (share: number, seed: number): string[] =>
      [...drawSample(pairs, share, seed).drawn].map(({ name }) => name);
    assert.deepEqual(names(0.1, 1), names(0.1, 1));
    assert.notDeepEqual(names(0.1, 1), names(0.1, 2));
    const larger = new Set(names(0.25, 1));
    assert.ok(names(0.1, 1).every((name) => larger.has(name)));
    for (const { members, module } of drawSample(pairs, 0.25, 3).strata) {
      if (module === 'embed') continue;
      const drawn = drawSample(pairs, 0.25, 3).drawn;
      const at = members.flatMap((member, index) => (drawn.has(member) ? [index] : []));
      assert.ok(
        at.every((index, next) => (at[next + 1] ?? layers) - index <= layers / 4),
        `${module}: ${at.join(' ')}`,
      );
    }
  });

  it('draws every tensor of a kind equally often', () => {
    const drawn = new Float64Array(layers);
    const draws = 4000;
    for (let seed = 0; seed < draws; seed++) {
      const sample = drawSample(pairs, 0.1, seed);
      for (const { layer, module } of sample.drawn) if (module === 'q' && layer !== null) drawn[layer]! += 1;
    }
    const expected = (draws * 3) / layers;
    assert.ok(Math.min(...drawn) > expected * 0.75 && Math.max(...drawn) < expected * 1.25, drawn.join(' '));
  });
});

/** Unchanged share and energies of a tensor that depend on its kind, on its depth, and on chance. */
function numbersOf(
  kind: number,
  layer: number,
  generator: NormalGenerator,
): { sparsity: number; drift: number } {
  const chance = generator.normal();
  return {
    sparsity: 0.45 + 0.04 * Math.sin(kind) + 0.05 * (layer / layers) + 0.01 * chance,
    drift: 0.002 * Math.exp(0.3 * Math.cos(kind) + 0.2 * (layer / layers) + 0.05 * chance),
  };
}

const population = (() => {
  const generator = new NormalGenerator(99);
  return model().map((tensor) => {
    const pair = pairOf(tensor);
    const numbers = numbersOf(kinds.indexOf(pair.module), pair.layer ?? 0, generator);
    return { pair, ...numbers, elements: pair.elements * 1e6 };
  });
})();
const populationPairs = population.map(({ pair }) => pair);
const byPair = new Map(population.map((each) => [each.pair, each]));

/** The estimates of a sample of a population, and what is true of all its layers. */
function trial(
  share: number,
  seed: number,
): { truth: number[]; found: [number, number | null, number | null][] } {
  const design = drawSample(populationPairs, share, seed);
  const stoodFor = population.filter(({ pair }) => share > 0.5 || pair.layer !== null);
  const sum = (of: (each: (typeof population)[number]) => number): number =>
    stoodFor.reduce((total, each) => total + of(each), 0);
  const truth = [
    sum(({ sparsity, elements }) => sparsity * elements) / sum(({ elements }) => elements),
    Math.sqrt(sum(({ drift, elements }) => drift ** 2 * elements) / sum(({ elements }) => elements)),
  ];
  const steps = [...design.drawn].map((pair) => ({ pair }) as Step);
  const estimates = new SampleEstimates(design, steps);
  for (const [index, { pair }] of steps.entries()) {
    const { sparsity, drift, elements } = byPair.get(pair) ?? assert.fail(pair.name);
    estimates.addTotals(index, {
      ...fakeTotals(matrix(0, 'q', 2, 2)),
      compared: elements,
      changedBf16: (1 - sparsity) * elements,
      sumSquaresDelta: drift ** 2 * elements,
      sumSquaresBase: elements,
    });
  }
  return { truth, found: estimates.estimates().map(({ value, low, high }) => [value, low, high]) };
}

describe('the estimates of a sample', () => {
  for (const share of [0.02, 0.1, 0.3]) {
    it(`hold the truth in their intervals nineteen times in twenty, and say something (${share * 100} %)`, () => {
      const trials = Array.from({ length: 300 }, (_, seed) => trial(share, seed));
      for (const metric of [0, 1]) {
        const within = trials.filter(({ truth, found }) => {
          const [, low, high] = found[metric] ?? assert.fail('no estimate');
          return low !== null && high !== null && low <= truth[metric]! && truth[metric]! <= high;
        }).length;
        assert.ok(within >= 0.92 * trials.length, `${within} of ${trials.length}`);
        const error = trials.reduce(
          (sum, { truth, found }) => sum + (found[metric]?.[0] ?? 0) / truth[metric]! - 1,
          0,
        );
        assert.ok(Math.abs(error / trials.length) < 0.02, `bias ${error / trials.length}`);
        const width = trials.map(
          ({ truth, found }) => ((found[metric]?.[2] ?? 0) - (found[metric]?.[1] ?? 0)) / truth[metric]!,
        );
        const limit = share < 0.05 ? 0.9 : 0.25;
        assert.ok(Math.max(...width) < limit, `widest ${Math.max(...width)}`);
      }
    });
  }

  it('are exact, with intervals of no width, where every tensor was drawn', () => {
    const { truth, found } = trial(0.999, 1);
    for (const [metric, [value, low, high]] of found.entries()) {
      assert.ok(Math.abs(value / truth[metric]! - 1) < 1e-12);
      assert.ok(high !== null && low !== null && high - low < 1e-9 * value);
    }
  });
});

describe("Student's t", () => {
  it('is that of scipy.stats.t.ppf(0.975, n)', () => {
    const expected = [
      [1, 12.7062],
      [2, 4.3027],
      [10, 2.2281],
      [30, 2.0423],
      [31, 2.0395],
      [40, 2.0211],
      [60, 2.0003],
      [100, 1.984],
      [1000, 1.9623],
    ] as const;
    for (const [freedom, quantile] of expected)
      assert.ok(Math.abs(studentT95(freedom) - quantile) < 1.5e-4, `${freedom}`);
  });
});

describe('a sampled analysis', () => {
  it('reads the drawn tensors alone and names no regime without "sampled"', async () => {
    const { report } = await analyze({ tensors: model() }, { sample: 0.1, seed: 5 });
    assert.equal(report.tensors.length, 7 * 3);
    assert.equal(report.coverage.notCompared.length, 1 + 7 * (layers - 3));
    assert.ok(report.coverage.notCompared.every(({ reason }) => reason.code === 'not-sampled'));
    const { regime, anchor } = report.summary;
    assert.match(regime.headline, /^Sampled: /);
    assert.match(
      regime.sentence,
      /21 of 225 tensors, 5\.\d+ % of the parameters \(seed 5\); it holds none of: Embeddings/,
    );
    assert.equal(regime.sampled, true);
    assert.notEqual(regime.name, 'inconclusive');
    // Every matrix of the small world moves alike: the estimate is the number of the tensors that were read.
    const drift = report.sample?.estimates.find(({ metric }) => metric === 'relativeDrift');
    assert.ok(Math.abs((drift?.value ?? 0) - (anchor.value?.relativeDrift ?? 1)) < 1e-12);
  });

  it('says what a larger sample would settle', async () => {
    const tensors = model().map((tensor, index) => {
      if (index % 2 === 0) return tensor;
      return { ...tensor, tuned: tensor.base.map((value) => value * 1.5) };
    });
    const { report } = await analyze({ tensors }, { sample: 0.1, gates: ['anchor', 'precision'] });
    assert.ok(
      report.sample?.undecided.some(({ metric }) => metric === 'sparsityBf16'),
      'sparsity is decided',
    );
    assert.match(report.summary.regime.sentence, /does not tell on which side of its limit/);
  });

  it('reads everything when no share is asked for, and refuses a sample of nothing', async () => {
    const { report } = await analyze({ tensors: model() });
    assert.equal(report.sample, undefined);
    assert.equal(report.summary.regime.sampled, undefined);
    await assert.rejects(
      analyze({ tensors: model() }, { sample: 0.02, match: '^embed$' }),
      isProblem('nothing-to-compare', /ask for a larger share/),
    );
  });
});
