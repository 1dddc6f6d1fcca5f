// The options of an analysis as arguments of `three-gate analyze`: those that are not the default.
import { defaultOptions, optionCatalogue, optionNames, type OptionName } from './catalogue.ts';
import type { AnalysisOptions } from './options.ts';

/** The same options as far as arguments can say them, with the machine's own threads and memory; all others are the default. */
export function optionsWithFlags(options: AnalysisOptions): AnalysisOptions {
  const unsaid = optionNames.filter((name) => optionCatalogue[name].flag === null);
  const usual = Object.fromEntries(unsaid.map((name) => [name, defaultOptions[name]]));
  const { thresholds } = defaultOptions;
  return { ...options, ...usual, thresholds, threads: null, memoryBytes: null };
}

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
