// The numbers of several runs beside each other, once: what each is called, one sentence on it, and how it is written.
import { formatLift, formatNumber, formatShare } from './format.ts';

export type OverlapMetric =
  | 'jaccard'
  | 'lift'
  | 'expected'
  | 'expectedByTensor'
  | 'everyRun'
  | 'meanRuns'
  | 'noRun'
  | 'cosine'
  | 'cosineSpread';

interface OverlapWords {
  title: string;
  /** For a narrow column. */
  short: string;
  explanation: string;
  format: (value: number | null) => string;
}

export const overlapCatalogue: Readonly<Record<OverlapMetric, OverlapWords>> = {
  jaccard: {
    title: 'Overlap',
    short: 'overlap',
    explanation: '|A∩B| / |A∪B| of the weights that two runs changed in the bf16 view (Jaccard).',
    format: formatNumber,
  },
  expected: {
    title: 'Overlap if random',
    short: 'if random',
    explanation: 'pq/(p+q−pq): the overlap of two masks of the same densities p and q thrown at random.',
    format: formatNumber,
  },
  expectedByTensor: {
    title: 'Overlap if random within each tensor',
    short: 'random per tensor',
    explanation:
      'The same with the densities of every tensor: what is above it is agreement inside the tensors.',
    format: formatNumber,
  },
  lift: {
    title: 'Overlap over random',
    short: 'over random',
    explanation: 'Overlap divided by that of random masks of the same densities: 1 is chance.',
    format: formatLift,
  },
  everyRun: {
    title: 'Changed by every run',
    short: 'every run',
    explanation: 'Share of the weights that all runs changed.',
    format: formatShare,
  },
  noRun: {
    title: 'Changed by no run',
    short: 'no run',
    explanation: 'Share of the weights that no run changed.',
    format: formatShare,
  },
  cosine: {
    title: 'Cosine of the updates',
    short: 'cosine',
    explanation:
      'Δ_a·Δ_b / (‖Δ_a‖‖Δ_b‖) of the two updates: 1 is the same direction, 0 a right angle, −1 the opposite one.',
    format: formatNumber,
  },
  cosineSpread: {
    title: 'Cosine of random signs',
    short: 'random ±',
    explanation:
      'Standard deviation of the cosine, around 0, when the signs of one update are drawn at random and every size is kept.',
    format: formatNumber,
  },
  meanRuns: {
    title: 'Runs per weight',
    short: 'runs per weight',
    explanation: 'Mean number of runs that changed a weight.',
    format: formatNumber,
  },
};
