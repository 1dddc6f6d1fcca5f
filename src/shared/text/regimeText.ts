// A regime in words, for every surface that is text: the headline comes first, the machine's name at most after it.
import type { Regime, RegimeName } from '../report/verdicts.ts';

interface RegimeWords {
  /** What comes first. */
  headline: string;
  /** Where a row has room for a few words only. */
  title: string;
}

export const regimeCatalogue: Readonly<Record<RegimeName, RegimeWords>> = {
  'rlvr-range': { headline: 'In the range of published RLVR runs', title: 'published RLVR range' },
  'sft-range': { headline: 'In the range of published supervised runs', title: 'published SFT range' },
  mixed: { headline: 'Between the published ranges', title: 'between the ranges' },
  unchanged: { headline: 'Unchanged', title: 'unchanged' },
  inconclusive: { headline: 'No regime can be named', title: 'not named' },
  rounding: { headline: 'Rounding, no training visible', title: 'rounding only' },
  'not-weights': { headline: 'Packed storage, not weights', title: 'packed weights' },
};

/** What follows the headline: what is left beyond the size of the update, what config or log say, and what the gates hold. */
export function regimeLines({ sentence, beyondSize, evidence }: Regime): string[] {
  // Without a null the footprint itself is the news: why nothing can be named, that nothing changed, that it is rounding.
  const lines = beyondSize === null ? [sentence, evidence] : [beyondSize, evidence, sentence];
  return lines.filter((line) => line !== null);
}
