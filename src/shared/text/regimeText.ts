// A regime in words, for every surface that is text: the headline comes first, the machine's name at most after it.
import type { Regime, RegimeName } from '../report/verdicts.ts';

/** Where a row has room for a few words only. */
export const regimeTitles: Readonly<Record<RegimeName, string>> = {
  'rlvr-range': 'published RLVR range',
  'sft-range': 'published SFT range',
  mixed: 'between the ranges',
  unchanged: 'unchanged',
  inconclusive: 'not named',
  rounding: 'rounding only',
  'not-weights': 'packed weights',
};

/** What follows the headline: what is left beyond the size of the update, what config or log say, and what the gates hold. */
export function regimeLines({ sentence, beyondSize, evidence }: Regime): string[] {
  // Without a null the footprint itself is the news: why nothing can be named, that nothing changed, that it is rounding.
  const lines = beyondSize === null ? [sentence, evidence] : [beyondSize, evidence, sentence];
  return lines.filter((line) => line !== null);
}
