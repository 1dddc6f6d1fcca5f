// Natural order of names: digits compare as numbers, so `layers.2` comes before `layers.10`. Locale-free.

/** A name split once for many comparisons: text and numbers in turn. */
export type NaturalKey = readonly (string | number)[];

export function naturalKey(name: string): NaturalKey {
  return name.split(/(\d+)/).map((part, index) => (index % 2 === 1 ? Number(part) : part));
}

export function compareNaturalKeys(a: NaturalKey, b: NaturalKey): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index += 1) {
    const left = a[index] ?? '';
    const right = b[index] ?? '';
    if (left !== right) return left < right ? -1 : 1;
  }
  return a.length - b.length;
}

/** Total order: names that differ only in leading zeros are ordered by their text. */
export function compareNaturally(a: string, b: string): number {
  return compareNaturalKeys(naturalKey(a), naturalKey(b)) || (a < b ? -1 : a > b ? 1 : 0);
}
