// `[ … ]`, `[[ … ]]`, `test` and the patterns of `case`, as far as the script itself settles them. Null = it does not.
import { isOpen, stringOf, type Text } from './shellText.ts';

const comparisons: Readonly<Record<string, (left: number, right: number) => boolean>> = {
  '-eq': (left, right) => left === right,
  '-ne': (left, right) => left !== right,
  '-lt': (left, right) => left < right,
  '-le': (left, right) => left <= right,
  '-gt': (left, right) => left > right,
  '-ge': (left, right) => left >= right,
};

export function isTest(words: readonly Text[]): boolean {
  return ['[', '[[', 'test', 'true', 'false', ':'].includes(stringOf(words[0] ?? []));
}

/** Of a whole test command, its words expanded. */
export function decideTest(words: readonly Text[]): boolean | null {
  const [name = '', ...rest] = words.map(stringOf);
  if (name === 'true' || name === ':') return true;
  if (name === 'false') return false;
  if (words.some(isOpen)) return null;
  const inside = name === 'test' ? rest : rest.slice(0, -1);
  return decide(inside);
}

function decide(words: readonly string[]): boolean | null {
  const [first = '', second = '', third = ''] = words;
  if (first === '!') {
    const inner = decide(words.slice(1));
    return inner === null ? null : !inner;
  }
  // A variable that is empty and not quoted leaves its operator alone.
  if (words.length === 1) return first === '-z' || (first !== '-n' && first !== '');
  if (words.length === 2) return first === '-z' ? second === '' : first === '-n' ? second !== '' : null;
  if (words.length !== 3) return null;
  const compare = Object.hasOwn(comparisons, second) ? comparisons[second] : undefined;
  if (compare !== undefined) {
    return /^-?\d+$/.test(first) && /^-?\d+$/.test(third) ? compare(Number(first), Number(third)) : null;
  }
  if (second !== '=' && second !== '==' && second !== '!=') return null;
  const same = matches(first, third);
  return same === null ? null : same === (second !== '!=');
}

/** A glob of `*` only; null for others. */
export function matches(text: string, pattern: string): boolean | null {
  if (/[?[\]]/.test(pattern)) return null;
  const parts = pattern.split('*');
  const [head = '', ...rest] = parts;
  if (rest.length === 0) return text === pattern;
  const tail = rest.pop() ?? '';
  if (text.length < head.length + tail.length || !text.startsWith(head) || !text.endsWith(tail)) return false;
  let at = head.length;
  for (const part of rest) {
    const found = text.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  return at <= text.length - tail.length;
}
