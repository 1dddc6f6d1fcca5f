// Characters of a script that remember where they stand in the file, through variables, arrays and `eval`: what an
// expansion gives can still be pointed at.

export interface Char {
  c: string;
  /** Offsets in the file: of the character itself, or of the `$NAME` that it came from. */
  from: number;
  to: number;
  /** Part of an expansion that the script alone does not settle: `$UNSET`, `$(command)`. */
  open: boolean;
  /** Condition, as written, under which it is there at all; null = always. */
  when: string | null;
}

export type Text = readonly Char[];

export function stringOf(text: Text): string {
  let joined = '';
  for (const { c } of text) joined += c;
  return joined;
}

export function isOpen(text: Text): boolean {
  return text.some(({ open }) => open);
}

/** The first condition that a word hangs on; null = none. */
export function conditionOf(text: Text): string | null {
  return text.find(({ when }) => when !== null)?.when ?? null;
}

export function under(condition: string, text: Text): Text {
  return text.map((char) => (char.when === null ? { ...char, when: condition } : char));
}

/** What is lexed: the file itself, or the argument of an `eval`, whose characters stand elsewhere. */
export interface Source {
  text: string;
  charAt(index: number): Char;
}

export function fileSource(text: string): Source {
  return {
    text,
    charAt: (index) => ({ c: text[index] ?? '', from: index, to: index + 1, open: false, when: null }),
  };
}

export function textSource(chars: Text): Source {
  const end = { c: '', from: 0, to: 0, open: false, when: null };
  return { text: stringOf(chars), charAt: (index) => chars[index] ?? end };
}

/** Splits at blanks, as an unquoted expansion is split. */
export function fieldsOf(text: Text): Text[] {
  const fields: Char[][] = [];
  let current: Char[] | null = null;
  for (const char of text) {
    if (/\s/.test(char.c) && !char.open) current = null;
    else {
      if (current === null) fields.push((current = []));
      current.push(char);
    }
  }
  return fields;
}
