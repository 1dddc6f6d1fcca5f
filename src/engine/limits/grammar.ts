// One limit as text: `[PATTERN:] NAME OPERATOR VALUE [or VALUE]… [or not measured]`. docs/limits.md has the grammar in words.
import type { LimitScope } from '../../shared/report/limitsReport.ts';
import { entryOf, limitCatalogue, nearestOf } from './catalogue.ts';
import type { MetricEntry, NumberEntry, WordEntry } from './metricEntry.ts';
import { limitText, readNumber } from './numberText.ts';

const signs = ['<=', '>=', '<', '>', '='] as const;
export type Sign = (typeof signs)[number];

interface Written {
  /** In one line, as it was written. */
  text: string;
  scope: LimitScope;
  /** Null for everything that the scope holds. */
  pattern: RegExp | null;
  /** As people write it: "≥ 40 %". */
  asks: string;
  /** Whether what could not be measured is allowed. */
  allowsUnmeasured: boolean;
}

export interface NumberLimit extends Written {
  entry: NumberEntry;
  sign: Sign;
  value: number;
}

export interface WordLimit extends Written {
  entry: WordEntry;
  /** Whether the word must be one of `words`, or none of them. */
  is: boolean;
  words: readonly string[];
}

export type ParsedLimit = NumberLimit | WordLimit;

/** Throws, in its caller's way, for what stands at an index of the text. */
type Fail = (index: number, message: string) => never;

export function isWordLimit(limit: ParsedLimit): limit is WordLimit {
  return limit.entry.kind === 'word';
}

export function parseLimit(text: string, fail: Fail): ParsedLimit {
  const [, before = '', target, body = ''] = /^((.*):\s+)?(.*)$/su.exec(text) ?? [];
  const { scope, pattern } = readTarget(target, fail);
  const [, name = '', between = '', operator, gap = '', value = ''] =
    /^([\w.]+)(\s*)(<=|>=|==?|<|>|≤|≥|is\s+not\b|is\b)(\s*)(.*)$/su.exec(body) ?? [];
  if (operator === undefined) return fail(before.length, notALimit(body));
  const entry = entryOf(name);
  if (entry === null) {
    const nearest = nearestOf(
      name,
      limitCatalogue.map((each) => each.name),
    );
    return fail(before.length, `"${name}" is no name of a report; the nearest one is "${nearest}"`);
  }
  if (!entry.scopes.includes(scope)) return fail(before.length, outOfScope(entry, scope));
  const operatorAt = before.length + name.length + between.length;
  const valueAt = operatorAt + operator.length + gap.length;
  const { values, allowsUnmeasured } = alternatives(value);
  const common = { text, scope, pattern, allowsUnmeasured };
  const first = values[0];
  if (first === undefined) return fail(valueAt, `${name} ${operator} what? There is no value`);
  if (entry.kind === 'word') {
    return { ...common, entry, ...wordsOf(entry, operator, values, { operatorAt, valueAt, fail }) };
  }
  const sign = signOf(operator);
  if (sign === null) return fail(operatorAt, `${name} is a number: compare it with ${signs.join(', ')}`);
  if (values.length > 1) return fail(valueAt, `${name} is a number: it has one limit, not ${values.length}`);
  const number = readNumber(first, entry.kind);
  if (typeof number === 'string') return fail(valueAt, number);
  const asks = `${shown[sign]} ${limitText(number, entry.kind)}`;
  return { ...common, entry, sign, value: number, asks };
}

const shown: Readonly<Record<Sign, string>> = { '<=': '≤', '>=': '≥', '<': '<', '>': '>', '=': '=' };

function signOf(operator: string): Sign | null {
  const plain = operator.replace('≤', '<=').replace('≥', '>=').replace('==', '=');
  return signs.find((sign) => sign === plain) ?? null;
}

function notALimit(body: string): string {
  return body.trim() === ''
    ? 'there is no limit here: write one as in "relativeDrift <= 0.01"'
    : `"${body}" is no limit: write NAME OPERATOR VALUE, as in "relativeDrift <= 0.01" or "regime is not sft-range"`;
}

const scopes = ['layer', 'module', 'tensor'] as const;

/** `layer`, `layer PATTERN`, `module …`, `tensor …`; any other pattern is one of tensors. */
function readTarget(target: string | undefined, fail: Fail): { scope: LimitScope; pattern: RegExp | null } {
  if (target === undefined) return { scope: 'whole', pattern: null };
  const [, word, rest] = /^(layer|module|tensor)(?:\s+(.*))?$/su.exec(target.trim()) ?? [];
  const scope = scopes.find((each) => each === word) ?? 'tensor';
  const source = word === undefined ? target.trim() : (rest ?? '');
  if (word === undefined && source === '') return fail(0, 'there is no pattern before the colon');
  if (source === '') return { scope, pattern: null };
  try {
    // Layers and kinds of modules have short names: "o" means the kind o, not every kind with an o in it.
    return { scope, pattern: new RegExp(scope === 'tensor' ? source : `^(?:${source})$`, 'u') };
  } catch (error) {
    return fail(0, error instanceof Error ? error.message : String(error));
  }
}

function outOfScope(entry: MetricEntry, scope: LimitScope): string {
  const { name, scopes: has } = entry;
  if (scope === 'whole')
    return `only a ${has.join(' or a ')} has ${name}: say which, as in "PATTERN: ${name} …"`;
  const whole = has.includes('whole') ? ', but the whole model has: leave out the pattern' : '';
  return `a ${scope} has no ${name}${whole}`;
}

function alternatives(value: string): { values: string[]; allowsUnmeasured: boolean } {
  const all = value
    .trim()
    .split(/\s+or\s+/u)
    .filter((each) => each !== '');
  const values = all.filter((each) => each !== 'not measured');
  return { values, allowsUnmeasured: values.length < all.length };
}

interface Around {
  operatorAt: number;
  valueAt: number;
  fail: Fail;
}

function wordsOf(
  { name, words }: WordEntry,
  operator: string,
  values: readonly string[],
  { operatorAt, valueAt, fail }: Around,
): Pick<WordLimit, 'is' | 'words' | 'asks'> {
  if (!operator.startsWith('is'))
    return fail(operatorAt, `${name} is a word, not a number: write "is" or "is not"`);
  const unknown = values.find((value) => !words.includes(value));
  if (unknown !== undefined) {
    const nearest = nearestOf(unknown, words);
    const list = words.join(', ');
    return fail(valueAt, `${name} is never "${unknown}" but one of ${list}; the nearest one is "${nearest}"`);
  }
  const is = operator === 'is';
  return { is, words: values, asks: `${is ? '' : 'not '}${values.join(' or ')}` };
}
