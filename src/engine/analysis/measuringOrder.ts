// In which order the steps of a plan are measured. The first layer comes first, to be told within a second. Behind it every
// kind of tensor is drawn from in turn, in proportion, as a sample is: what is measured at any time is spread over the depth of
// the model and holds its kinds as the whole does, so that it says something of the rest. A large tensor that is the only one of
// its kind (an embedding) comes last. Rows and sums keep the order of the plan.
import { NormalGenerator } from '../linalg/random.ts';
import { firstLayerLength } from './firstLayer.ts';
import { grouped } from './grouped.ts';
import { spread, type SampleDesign, type Stratum } from './sampleDesign.ts';
import type { Step } from './step.ts';

export interface MeasuringOrder {
  /** Places in the plan, each once. */
  places: number[];
  /** How many of them are the first layer's. */
  firstLayer: number;
  /** Those that come last and are counted behind the first layer already: what they hold bounds what they can still change. */
  countedEarly: number[];
  /** How many of them, from the first on, were drawn; the rest is in the order of the plan. */
  drawn: number;
}

/** Sums of a tensor that is measured before its turn are kept until then: of no more than so many. */
const mostDrawn = 1024;

export function measuringOrder(steps: readonly Step[], seed: number): MeasuringOrder {
  const firstLayer = firstLayerLength(steps);
  const generator = new NormalGenerator(seed);
  const rest = [...steps.entries()].slice(firstLayer);
  const last = 1;
  const turns = grouped(rest, ([, step]) => kindOf(step)).flatMap((members) =>
    spread(members, members.length, generator.uniform()).map(([place, step], at) => ({
      place,
      turn: members.length === 1 && step.matrices !== null ? last : (at + 0.5) / members.length,
    })),
  );
  turns.sort((one, other) => one.turn - other.turn || one.place - other.place);
  const drawn = turns.slice(0, mostDrawn).map(({ place }) => place);
  const left = turns.slice(mostDrawn).map(({ place }) => place);
  const first = Array.from({ length: firstLayer }, (_, place) => place);
  return {
    places: [...first, ...drawn, ...left.sort((one, other) => one - other)],
    firstLayer,
    countedEarly: turns.filter(({ turn }) => turn === last).map(({ place }) => place),
    drawn: first.length + drawn.length,
  };
}

/** What is measured at any time as a sample of all: the first layer, which stands for itself, and the kinds beyond it. */
export function measuredSample(steps: readonly Step[], seed: number): SampleDesign {
  const firstLayer = firstLayerLength(steps);
  const strata = [
    ...grouped(steps.slice(0, firstLayer), kindOf).map((own): Stratum => ({
      ...stratumOf(own),
      certain: true,
    })),
    ...grouped(steps.slice(firstLayer), kindOf).map(stratumOf),
  ];
  return { share: 1, seed, strata, drawn: new Set(steps.map(({ pair }) => pair)) };
}

function stratumOf(steps: readonly Step[]): Stratum {
  const members = steps.map(({ pair }) => pair);
  const { module = 'other', container = null } = members[0] ?? {};
  const elements = members.reduce((sum, pair) => sum + pair.elements, 0);
  const all = { tensors: members.length, elements };
  return { module, container, ...all, drawn: all.tensors, drawnElements: all.elements, members };
}

/** Tensors that vary like each other: a bias is no sample of weights. */
function kindOf({ pair, matrices }: Step): string {
  return JSON.stringify([pair.container, pair.module, pair.shape.length, matrices !== null]);
}
