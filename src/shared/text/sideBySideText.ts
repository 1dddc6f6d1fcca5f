// Checkpoints side by side in a sentence: which gates tell them apart, and how much their configs differ.
import { gateNames } from '../options/options.ts';
import type { SideBySideReport } from '../report/sideBySide.ts';
import { beyondCell } from './besideNull.ts';
import { gateCatalogue } from './gates.ts';
import { regimeCatalogue } from './regimeText.ts';

export const sideBySideLegend =
  'Behind a number stands whether it is less, as random or more than a random update of the same size would show.';

export function sideBySideSentences({ runs, configs }: Pick<SideBySideReport, 'runs' | 'configs'>): string[] {
  return [weightSentence(runs), configSentence(configs)];
}

function weightSentence(runs: SideBySideReport['runs']): string {
  const apart = gateNames.filter((gate) => new Set(runs.map(({ gates }) => gates[gate].verdict)).size > 1);
  const numerals = apart.map((gate) => gateCatalogue[gate].numeral);
  const regimes = new Set(runs.map(({ regime }) => regime.name));
  const beyond = new Set(runs.map(({ gates }) => beyondCell(gates)));
  const [only] = regimes;
  return [
    regimes.size === 1 && only !== undefined
      ? `All ${runs.length} checkpoints have one verdict, ${regimeCatalogue[only].title}`
      : `The ${runs.length} checkpoints have ${regimes.size} verdicts`,
    numerals.length === 0
      ? 'no gate tells them apart'
      : `${numerals.length === 1 ? 'gate' : 'gates'} ${listed(numerals)} ${numerals.length === 1 ? 'tells' : 'tell'} them apart`,
    `beyond size they ${beyond.size === 1 ? 'are alike' : 'differ'}.`,
  ].join('; ');
}

function configSentence({ value, reason }: SideBySideReport['configs']): string {
  if (value === null) return reason;
  const { differing, same } = value;
  const settings = (count: number): string => `${count} ${count === 1 ? 'setting' : 'settings'}`;
  if (differing.length === 0)
    return `Their configs say the same in all ${settings(same.length)} that are read.`;
  return `Their configs differ in ${settings(differing.length)}; what is the same in all (${same.length}) is left out.`;
}

function listed(words: readonly string[]): string {
  const others = words.slice(0, -1);
  const last = words[words.length - 1] ?? '';
  return others.length === 0 ? last : `${others.join(', ')} and ${last}`;
}
