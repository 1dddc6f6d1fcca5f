// Variables of a script as far as the script itself sets them. What only some branch sets is kept with its condition, and
// a variable that branches set differently is open: the launch does not say which it is.
import { conditionOf, fieldsOf, isOpen, stringOf, under, type Text } from './shellText.ts';

export interface Variable {
  /** One item, or those of an array. */
  items: Text[];
  /** Keys of an associative array, in order; else the indices. */
  keys: string[];
  list: boolean;
  /** Set differently by branches that cannot be told apart. */
  ambiguous: boolean;
  /** The branch that set it; null = set whatever happens. */
  branch: object | null;
}

/** A branch that may or may not be taken: its condition as written. */
export interface UndecidedBranch {
  condition: string;
}

/** Characters that all expansions of one script may make together, and that one value may have. */
const budget = 2_000_000;
const maxValue = 65_536;

export class Scope {
  readonly variables = new Map<string, Variable>();
  /** `$1`, `$2`, … where the script sets them itself or calls a function; null = given from outside. */
  positional: Text[] | null = null;
  private spent = 0;

  /** False when the script has expanded too much: what follows stays as written. */
  spend(length: number): boolean {
    this.spent += length;
    return length <= maxValue && this.spent <= budget;
  }

  get(name: string): Variable | null {
    return this.variables.get(name) ?? null;
  }

  assign(
    name: string,
    items: Text[],
    keys: string[] | null,
    append: boolean,
    branch: UndecidedBranch | null,
  ): void {
    const old = this.get(name);
    const sometimes = branch === null ? items : items.map((item) => under(branch.condition, item));
    const fresh: Variable = { items, keys: keys ?? ['0'], list: keys !== null, ambiguous: false, branch };
    if (append && old !== null) this.set(name, appended(old, sometimes, keys));
    else if (branch === null) this.set(name, fresh);
    else if (old === null || old.branch === branch) {
      // Arguments may not be there at all; a plain value is the only one that the script states.
      const optional = keys !== null || items.some((item) => item[0]?.c === '-');
      this.set(name, optional ? { ...fresh, items: sometimes } : fresh);
    } else if (!items.some(isOpen)) {
      // A value from outside does not take the place of the one that the script states.
      this.set(name, eitherOf(old, fresh, branch));
    }
  }

  private set(name: string, variable: Variable): void {
    const length = variable.items.reduce((sum, item) => sum + item.length, 0);
    const fits = this.spend(length);
    this.variables.set(name, fits ? variable : { ...variable, items: [], keys: [], ambiguous: true });
  }
}

function appended(old: Variable, items: Text[], keys: string[] | null): Variable {
  if (old.list || keys !== null) {
    const offset = old.items.length;
    const added = keys?.map((key, index) => (/^\d+$/.test(key) ? String(offset + index) : key));
    return {
      ...old,
      list: true,
      items: [...old.items, ...items],
      keys: [...old.keys, ...(added ?? [String(offset)])],
    };
  }
  return { ...old, items: [[...(old.items[0] ?? []), ...(items[0] ?? [])]] };
}

/** `old` holds unless the branch is taken. */
function eitherOf(old: Variable, fresh: Variable, { condition }: UndecidedBranch): Variable {
  const [before, after] = [old, fresh].map(({ items }) => items.map(stringOf).join('\n'));
  if (before === after) return old;
  if (old.list || fresh.list) {
    const items = [...old.items, ...fresh.items].map((item) => under(condition, item));
    return { ...old, list: true, items, keys: items.map((_, index) => String(index)) };
  }
  const [was, is] = [old.items[0] ?? [], fresh.items[0] ?? []];
  const kept = stringOf(is).startsWith(stringOf(was)) && was.length > 0;
  if (kept)
    return { ...old, items: [[...is.slice(0, was.length), ...under(condition, is.slice(was.length))]] };
  if (fieldsOf(was).length > 1 || fieldsOf(is).length > 1) {
    const blank = { c: ' ', from: 0, to: 0, open: false, when: conditionOf(is) };
    return { ...old, items: [[...under(condition, was), blank, ...under(condition, is)]] };
  }
  return { ...old, ambiguous: true };
}
