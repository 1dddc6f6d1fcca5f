// A text of the command line as a value; what makes no sense is a usage error that says what would.
import { InvalidArgumentError } from 'commander';
import { accepts, rangeWords, ruleWords, type ListRule, type NumberRule } from '../shared/options/rule.ts';
import { gigabytes } from '../shared/options/catalogue.ts';

export function numberParser(rule: NumberRule): (text: string) => number {
  return (text) => {
    const isWritten = rule.kind === 'integer' ? /^\d+$/.test(text) : text.trim() !== '';
    const value = isWritten ? Number(text) : Number.NaN;
    if (!accepts(rule, value)) throw new InvalidArgumentError(refusal(rule, value));
    return value;
  };
}

function refusal(rule: NumberRule, value: number): string {
  if (rule.kind === 'integer') return `It must be ${ruleWords(rule)}.`;
  if (!Number.isFinite(value)) return 'It must be a number.';
  const range = rangeWords(rule);
  return `It must ${range.startsWith('between') ? 'lie' : 'be'} ${range}.`;
}

/** A share, as a number or in percent: 0.02 or 2%. */
export function shareParser(rule: NumberRule): (text: string) => number {
  const parse = numberParser(rule);
  return (text) => {
    const percent = /^(.*\d\.?)\s*%$/.exec(text.trim());
    return percent === null ? parse(text) : parse(String(Number(percent[1]) / 100));
  };
}

/** Gigabytes, a fraction of one too, as bytes. */
export function parseGigabytes(text: string): number {
  return gigabytes.toBytes(numberParser(gigabytes.rule)(text));
}

export function parseExpression(text: string): string {
  try {
    new RegExp(text, 'u');
  } catch (error) {
    throw new InvalidArgumentError(error instanceof Error ? `${error.message}.` : String(error));
  }
  return text;
}

/**
 * Names of a closed list, comma-separated; in the list's order.
 * @param one what a name is, e.g. `gate`
 * @param all how the list is introduced, e.g. `the gates are`
 */
export function namesParser<Name extends string>(
  { of: known }: Pick<ListRule<Name>, 'of'>,
  one: string,
  all: string,
): (text: string) => Name[] {
  return (text) => {
    const asked = text.split(',').map((name) => name.trim());
    const unknown = asked.find((name) => !known.some((other) => other === name));
    if (unknown !== undefined) {
      throw new InvalidArgumentError(`"${unknown}" is no ${one}; ${all} ${known.join(', ')}.`);
    }
    return known.filter((name) => asked.includes(name));
  };
}
