// In which order the steps of a plan are measured. The first layer comes first, to be told within a second. Behind it every
// kind of tensor is drawn from in turn, in proportion, as a sample is: what is measured at any time is spread over the depth of
// the model and holds its kinds as the whole does, so that it says something of the rest. A large tensor that is the only one of
// its kind (an embedding) comes last. Rows and sums keep the order of the plan.
import { NormalGenerator } from '../linalg/random.ts';
import { firstLayerLength } from './firstLayer.ts';
import { grouped } from './grouped.ts';
import { kindOf, spread } from './sampleDesign.ts';
import type { Step } from './step.ts';

export interface MeasuringOrder {
  /** Places in the plan, each once. */
  places: number[];
  /** How many of them, from the first on, were drawn; the rest is in the order of the plan. */
  drawn: number;
}

/** Sums of a tensor that is measured before its turn are kept until then: of no more than so many. */
const mostDrawn = 1024;

export function measuringOrder(steps: readonly Step[], seed: number): MeasuringOrder {
  const firstLayer = firstLayerLength(steps);
  const generator = new NormalGenerator(seed);
  const rest = [...steps.entries()].slice(firstLayer);
  const turns = grouped(rest, ([, { pair }]) => kindOf(pair)).flatMap((members) =>
    spread(members, members.length, generator.uniform()).map(([place, step], at) => ({
      place,
      turn: members.length === 1 && step.matrices !== null ? 1 : (at + 0.5) / members.length,
    })),
  );
  turns.sort((one, other) => one.turn - other.turn || one.place - other.place);
  const drawn = turns.slice(0, mostDrawn).map(({ place }) => place);
  const left = turns.slice(mostDrawn).map(({ place }) => place);
  const first = Array.from({ length: firstLayer }, (_, place) => place);
  return {
    places: [...first, ...drawn, ...left.sort((one, other) => one - other)],
    drawn: first.length + drawn.length,
  };
}
