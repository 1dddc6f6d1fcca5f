// The options of an analysis as arguments of `three-gate analyze`: those that are not the default.
import { optionCatalogue, optionNames, type OptionName } from '../shared/options/catalogue.ts';
import type { AnalysisOptions } from '../shared/options/options.ts';

export function argumentsOf(options: AnalysisOptions): string[] {
  return optionNames.flatMap((name) => {
    const { flag, rule, default: usual } = optionCatalogue[name];
    const value = options[name];
    if (flag === null || value === null || String(value) === String(usual)) return [];
    const [long = ''] = flag[0].split(' ');
    return rule.kind === 'flag' ? [long] : [long, written(name, value)];
  });
}

function written(name: OptionName, value: AnalysisOptions[OptionName]): string {
  return name === 'memoryBytes' ? String(Number(value) / 2 ** 30) : String(value);
}
