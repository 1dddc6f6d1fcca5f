// The leading directions of several runs' updates over any tensors, as rows of text. Energies and widths are added and then
// divided.
import { formatNumber, formatShare } from './format.ts';
import type { RunsReport, RunsTensor } from '../report/runsReport.ts';
import { leadingCounts } from '../report/updateDirections.ts';

export const updateDirectionDefinitions = {
  similarity:
    'Sim₁₆ = ‖V_aᵀV_b‖²_F/16 of the 16 leading right singular vectors of two updates, over the matrices: 1 is the same subspace. By chance: 16/n for n columns; of random signs: what both have in large rows and columns alone.',
  spectrum:
    'Share of ‖Δ‖²_F in the leading singular directions of each matrix. Random signs: noise of that size, every entry as large as it is and its sign drawn.',
} as const;

type Tensors = readonly Pick<RunsTensor, 'directions' | 'norms'>[];

/** Sim and its controls for a pair of runs; null where no matrix has both. */
function pooledSimilarity(
  tensors: Tensors,
  a: number,
  b: number,
): { similarity: number; chance: number; randomSigns: number } | null {
  let [width, common, chance, signs] = [0, 0, 0, 0];
  for (const { directions } of tensors) {
    const pair = directions?.pairs.find((each) => each.a === a && each.b === b);
    if (pair === undefined) continue;
    width += pair.width;
    common += pair.width * pair.similarity;
    chance += pair.width * pair.chance;
    signs += pair.width * pair.randomSigns;
  }
  return width === 0
    ? null
    : { similarity: common / width, chance: chance / width, randomSigns: signs / width };
}

/** Per run the share of its energy in the leading 1, 8, 16, 64 directions, and below it that of noise of its size. Null where nothing was decomposed. */
export function spectrumTable({ runs }: Pick<RunsReport, 'runs'>, tensors: Tensors): string[][] | null {
  const decomposed = tensors.filter(({ directions }) => directions !== null);
  if (decomposed.length === 0) return null;
  const share = (run: number, at: number, of: 'shares' | 'floor'): string => {
    let [energy, own] = [0, 0];
    for (const { directions, norms } of decomposed) {
      const weight = (norms[run] ?? 0) ** 2;
      energy += weight;
      own += weight * (directions?.[of][run]?.[at] ?? 0);
    }
    return formatShare(energy > 0 ? own / energy : null);
  };
  const row = (name: string, run: number, of: 'shares' | 'floor'): string[] => [
    name,
    ...leadingCounts.map((_, at) => share(run, at, of)),
  ];
  return [
    ['in its leading', ...leadingCounts.map(String)],
    ...runs.flatMap(({ label }, run) => [row(label, run, 'shares'), row('random signs', run, 'floor')]),
  ];
}

/** Cells of a pair: Sim, its chance, and that of random signs. */
export function similarityCells(tensors: Tensors, a: number, b: number): string[] {
  const found = pooledSimilarity(tensors, a, b);
  return [found?.similarity, found?.chance, found?.randomSigns].map((value) => formatNumber(value ?? null));
}
