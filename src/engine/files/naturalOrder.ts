// Natural order of names: runs of digits compare as numbers, so `layers.2` comes before `layers.10`. Locale-free.

/** A total order, without allocation: names that differ only in leading zeros are ordered by their text. */
export function compareNaturally(a: string, b: string): number {
  const shorter = Math.min(a.length, b.length);
  let at = 0;
  while (at < shorter && a.charCodeAt(at) === b.charCodeAt(at)) at += 1;
  // A difference inside a run of digits is one between whole numbers.
  let start = at;
  while (start > 0 && isDigit(a.charCodeAt(start - 1))) start -= 1;
  const aEnd = endOfDigits(a, start);
  const bEnd = endOfDigits(b, start);
  if (aEnd > start && bEnd > start) {
    const order = compareDigits(a.slice(start, aEnd), b.slice(start, bEnd));
    if (order !== 0) return order;
    const rest = compareNaturally(a.slice(aEnd), b.slice(bEnd));
    if (rest !== 0) return rest;
  }
  return a < b ? -1 : a > b ? 1 : 0;
}

/** NaN, past the end of a name, is no digit. */
function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

function endOfDigits(text: string, start: number): number {
  let end = start;
  while (isDigit(text.charCodeAt(end))) end += 1;
  return end;
}

/** Of any length: without leading zeros, the longer number is the larger one. */
function compareDigits(a: string, b: string): number {
  const left = a.replace(/^0+/, '');
  const right = b.replace(/^0+/, '');
  if (left.length !== right.length) return left.length - right.length;
  return left < right ? -1 : left > right ? 1 : 0;
}
