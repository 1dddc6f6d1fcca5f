// What an analysis of a larger model would take on the machine that was measured: bytes at the rate of the streaming pass,
// parameters at the rate of a whole analysis, memory by its largest matrix. Every assumption is a sentence of its own.
import { layoutOfView, matrixBytesOf } from '../../src/engine/analysis/plan.ts';
import { defaultOptions } from '../../src/shared/options/catalogue.ts';
import type { Results } from './results.ts';

interface Projection {
  model: string;
  parameters: number;
  /** Both sides as stored. */
  bytes: number;
  /** The streaming pass alone. */
  streamSeconds: number;
  /** Everything, by the clock. */
  seconds: number;
  peakBytes: number;
}

interface Model {
  model: string;
  parameters: number;
  bytesPerParameter: number;
  /** Rows and columns of the two largest matrices: embedding and head, of one shape. */
  largest: readonly [number, number];
}

/** From the published config.json of each model. */
const models: readonly Model[] = [
  {
    model: '7B (Qwen2.5)',
    parameters: 7.616e9,
    bytesPerParameter: 2,
    largest: [152_064, 3584],
  },
  {
    model: '70B (Llama 3)',
    parameters: 70.55e9,
    bytesPerParameter: 2,
    largest: [128_256, 8192],
  },
  {
    model: '671B (DeepSeek-V3)',
    parameters: 671e9,
    bytesPerParameter: 2,
    largest: [129_280, 7168],
  },
];

export const assumptions: readonly string[] = [
  'Streaming and geometry overlap on the same cores: an analysis takes as long per parameter, by the clock, as that of the 7B-shaped pair took at rank 128, reading included.',
  'Both sides are bf16 and change as an RLVR run does; they are read at the rate of the streaming pass in the page cache. A disk or network that is slower than that sets the time of the streaming pass instead.',
  'Larger matrices need less per element, as the part that does not grow with them weighs less; the experts of the 671B model are smaller, and need more.',
  'No tensor is equal on both sides, and nothing is known from an earlier run.',
  'Memory is both sides of the two largest matrices, in float32 where their rows are too long to be decomposed from panels, where they fit into a quarter of the machine together, of the largest alone where they do not, beside what the 7B-shaped pair took apart from its own. A matrix that the machine cannot hold is left out of Gate II, with a row that says so.',
];

export function project({ streaming, wide }: Results): Projection[] {
  const rate = streaming?.value.find(({ update }) => update === 'rlvr')?.streamGBps;
  if (rate === undefined || wide === undefined || wide.value.peakBytes === null) return [];
  const { seconds, parameters, peakBytes, largestBytes } = wide.value;
  const rest = peakBytes - largestBytes[0] - largestBytes[1];
  const budget = wide.machine.memoryBytes / 4;
  return models.map(({ model, parameters: count, bytesPerParameter, largest }) => {
    const bytes = 2 * bytesPerParameter * count;
    return {
      model,
      parameters: count,
      bytes,
      streamSeconds: bytes / (rate * 1e9),
      seconds: (seconds / parameters) * count,
      peakBytes: rest + heldOf(largest, budget),
    };
  });
}

function heldOf([rows, columns]: readonly [number, number], budget: number): number {
  const view = { rows, columns, count: 1 };
  const one = matrixBytesOf({ ...view, layout: layoutOfView(view, true, defaultOptions.rank) });
  return 2 * one <= budget ? 2 * one : one;
}
