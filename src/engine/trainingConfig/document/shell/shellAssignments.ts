// What a script writes into its variables: assignments of every form, and `read` from a here-document.
import { expandBody, expandValue, expandWord } from './shellExpansion.ts';
import type { Word } from './shellLexer.ts';
import type { Item, SimpleCommand } from './shellParser.ts';
import type { Scope, UndecidedBranch } from './shellScope.ts';
import { fieldsOf, stringOf, type Source, type Text } from './shellText.ts';

const assignment = /^([A-Za-z_]\w*)(?:\[([^\]]*)\])?(\+?)=/;

export class Assignments {
  private readonly source: Source;
  private readonly scope: Scope;

  constructor(source: Source, scope: Scope) {
    this.source = source;
    this.scope = scope;
  }

  /** `read -r -d '' NAME <<END` and `read -ra NAMES <<< "…"`. */
  read(words: readonly Text[], command: SimpleCommand, branch: UndecidedBranch | null): void {
    const body = command.redirects[command.redirects.length - 1]?.body;
    const name = stringOf(words[words.length - 1] ?? []);
    if (body === undefined || !/^[A-Za-z_]\w*$/.test(name) || words.length < 2) return;
    const { start, end, literal } = body;
    const characters = (): Text =>
      Array.from({ length: Math.max(0, end - start) }, (_, index) => this.source.charAt(start + index));
    const isBody = this.source.text[start - 1] === '\n';
    const text = literal
      ? characters()
      : isBody
        ? expandBody(this.source, start, end, this.scope)
        : expandValue(this.source, start, end, this.scope);
    const list = words.some((word) => /^-\w*a/.test(stringOf(word)));
    const items = list ? fieldsOf(text) : [text];
    this.scope.assign(name, items, list ? items.map((_, index) => String(index)) : null, false, branch);
  }

  /** `NAME=…`, `NAME+=…`, `NAME[key]=…` or `NAME=(…)`. */
  matches(item: Item): boolean {
    return item.kind === 'array' || assignment.test(this.source.text.slice(item.start, item.end));
  }

  assign(item: Item, branch: UndecidedBranch | null): void {
    if (item.kind === 'array') {
      const head = this.source.text.slice(item.head.start, item.head.end);
      const name = head.replace(/\+?=$/, '');
      const { items, keys } = this.elements(item.items);
      this.scope.assign(name, items, keys, head.endsWith('+='), branch);
      return;
    }
    const written = assignment.exec(this.source.text.slice(item.start, item.end));
    if (written === null) return;
    const [whole, name = '', index, plus] = written;
    const value = expandValue(this.source, item.start + whole.length, item.end, this.scope);
    if (index === undefined) this.scope.assign(name, [value], null, plus === '+', branch);
    else
      this.scope.assign(name, [value], [index.replace(/["']/g, '')], this.scope.get(name) !== null, branch);
  }

  /** Elements of `NAME=(…)`, with keys where it is `([key]=value …)`. */
  private elements(words: readonly Word[]): { items: Text[]; keys: string[] } {
    const items: Text[] = [];
    const keys: string[] = [];
    for (const word of words) {
      const keyed = /^\[([^\]]*)\]=/.exec(this.source.text.slice(word.start, word.end));
      if (keyed === null) {
        for (const field of expandWord(this.source, word.start, word.end, this.scope)) {
          keys.push(String(items.length));
          items.push(field);
        }
      } else {
        keys.push((keyed[1] ?? '').replace(/["']/g, ''));
        items.push(expandValue(this.source, word.start + keyed[0].length, word.end, this.scope));
      }
    }
    return { items, keys };
  }
}
