// Options as a caller overrides them: in a pair file, or by the API. Every value is held to the rule of its option.
import { optionCatalogue } from './catalogue.ts';
import type { AnalysisOptions, Thresholds } from './options.ts';
import { accepts, valueWords, type Rule } from './rule.ts';
import { thresholdCatalogue } from './thresholds.ts';

export type OptionOverrides = Partial<Omit<AnalysisOptions, 'thresholds'>> & {
  thresholds?: Partial<Thresholds>;
};

type Json = Readonly<Record<string, unknown>>;
type Rules = Readonly<Record<string, { rule: Rule }>>;

/** The usual options with these in their place. */
export function overridden(usual: AnalysisOptions, overrides: OptionOverrides): AnalysisOptions {
  return { ...usual, ...overrides, thresholds: { ...usual.thresholds, ...overrides.thresholds } };
}

/** A sentence without its full stop on the first value that no option takes; null where every one is taken. */
export function refusedOption(overrides: unknown): string | null {
  if (!isObject(overrides)) return '"options" must be an object';
  const { thresholds = {}, ...options } = overrides;
  if (!isObject(thresholds)) return 'options.thresholds must be an object';
  return (
    refusedBy(optionCatalogue, options, 'options') ??
    refusedBy(thresholdCatalogue, thresholds, 'options.thresholds')
  );
}

function refusedBy(rules: Rules, values: Json, where: string): string | null {
  for (const [key, value] of Object.entries(values)) {
    const rule = Object.hasOwn(rules, key) ? rules[key]?.rule : undefined;
    if (rule === undefined) return `${where} has no "${key}"`;
    if (!accepts(rule, value)) return `${where}.${key} must be ${valueWords(rule)}`;
  }
  return null;
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
