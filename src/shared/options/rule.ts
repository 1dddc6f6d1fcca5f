// What a value must be. One rule gives the check of a value, the words of a refusal and the JSON Schema of settings and files,
// so that no surface can ask for another range than its neighbour.

/** Ends of an interval: `least` and `most` belong to it, `above` and `below` do not. */
export interface Range {
  least?: number;
  above?: number;
  most?: number;
  below?: number;
}

export interface NumberRule extends Range {
  kind: 'number' | 'integer';
  /** What the number is, in words: "share", "whole number of bytes". */
  noun: string;
  orNull?: true;
}

/** Two limits of one verdict, `holds` and `broken`. */
export interface BandRule extends Range {
  kind: 'band';
}

export interface ListRule<Name extends string = string> {
  kind: 'list';
  of: readonly Name[];
}

export type Rule =
  | NumberRule
  | BandRule
  | ListRule
  | { kind: 'flag' }
  | { kind: 'choice'; of: readonly string[] }
  | { kind: 'pattern'; orNull?: true };

export function accepts(rule: Rule, value: unknown): boolean {
  switch (rule.kind) {
    case 'number':
    case 'integer':
      return (value === null && rule.orNull === true) || isNumber(rule, value);
    case 'band':
      return isObject(value) && ['holds', 'broken'].every((end) => isWithin(rule, value[end]));
    case 'list':
      return Array.isArray(value) && value.every((name: unknown) => includes(rule.of, name));
    case 'flag':
      return typeof value === 'boolean';
    case 'choice':
      return includes(rule.of, value);
    case 'pattern':
      return (value === null && rule.orNull === true) || isPattern(value);
  }
}

/** Finishes "… must be" of a value in a file. */
export function valueWords(rule: Rule): string {
  const orNull = 'orNull' in rule;
  return orNull ? `${ruleWords(rule)}, or null` : ruleWords(rule);
}

/** The same of a text, which cannot be null. */
export function ruleWords(rule: Rule): string {
  switch (rule.kind) {
    case 'number':
    case 'integer':
      return numberWords(rule, rule.noun);
    case 'band':
      return `an object with "holds" and "broken", each ${numberWords(rule, 'number')}`;
    case 'list':
      return `a list of ${listed(rule.of, 'and')}`;
    case 'flag':
      return 'true or false';
    case 'choice':
      return listed(rule.of, 'or');
    case 'pattern':
      return 'a regular expression';
  }
}

function numberWords(range: Range, noun: string): string {
  const { above, most, below } = range;
  if (above === 0 && most === undefined && below === undefined) return `a positive ${noun}`;
  const words = rangeWords(range);
  if (words === '') return `a ${noun}`;
  return words.startsWith('at ') ? `a ${noun} of ${words}` : `a ${noun} ${words}`;
}

/** "between 0 and 1", "at least 0 and below 1"; empty without ends. */
export function rangeWords({ least, above, most, below }: Range): string {
  if (least !== undefined && most !== undefined) return `from ${least} to ${most}`;
  if (above !== undefined && below !== undefined) return `between ${above} and ${below}`;
  const ends = [
    ...(least === undefined ? [] : [`at least ${least}`]),
    ...(above === undefined ? [] : [`above ${above}`]),
    ...(most === undefined ? [] : [`at most ${most}`]),
    ...(below === undefined ? [] : [`below ${below}`]),
  ];
  return ends.join(' and ');
}

function listed(names: readonly string[], last: string): string {
  const quoted = names.map((name) => `"${name}"`);
  return `${quoted.slice(0, -1).join(', ')} ${last} ${quoted.slice(-1).join('')}`;
}

function isNumber({ kind, ...range }: NumberRule, value: unknown): boolean {
  return (kind === 'number' || Number.isSafeInteger(value)) && isWithin(range, value);
}

function isWithin({ least, above, most, below }: Range, value: unknown): boolean {
  return (
    typeof value === 'number' &&
    Number.isFinite(value) &&
    (least === undefined || value >= least) &&
    (above === undefined || value > above) &&
    (most === undefined || value <= most) &&
    (below === undefined || value < below)
  );
}

function includes(names: readonly string[], value: unknown): boolean {
  return names.some((name) => name === value);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isPattern(value: unknown): boolean {
  if (typeof value !== 'string') return false;
  try {
    new RegExp(value, 'u');
    return true;
  } catch {
    return false;
  }
}
