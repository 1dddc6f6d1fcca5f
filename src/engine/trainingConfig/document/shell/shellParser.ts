// Tokens of a script as commands and the branches, loops and functions around them. Never throws: what does not fit is
// read as a plain list of commands.
import type { Operator, Redirect, Token, Word } from './shellLexer.ts';

/** A word, or `NAME=(…)` with the words between its brackets. */
export type Item = Word | { kind: 'array'; head: Word; items: Word[] };

export interface SimpleCommand {
  kind: 'simple';
  items: Item[];
  redirects: Redirect[];
  start: number;
  end: number;
}

interface Branch {
  test: Node[];
  body: Node[];
}

export type Node =
  | SimpleCommand
  | { kind: 'chain'; left: Node; right: Node; operator: '&&' | '||' }
  | { kind: 'if'; branches: Branch[]; otherwise: Node[] }
  | { kind: 'for'; variable: string; values: Word[] | null; body: Node[] }
  | { kind: 'while'; test: Node[]; body: Node[] }
  | { kind: 'case'; subject: Word; arms: { patterns: Word[]; body: Node[] }[] }
  | { kind: 'function'; name: string; body: Node[] }
  | { kind: 'group'; body: Node[]; negated: boolean };

const maxDepth = 60;
const closers = new Set(['then', 'elif', 'else', 'fi', 'do', 'done', 'esac', '}']);

export function parseTokens(text: string, tokens: readonly Token[]): Node[] {
  const parser = new Parser(text, tokens);
  const nodes: Node[] = [];
  // A stray closing word ends a list; what follows it is read all the same.
  while (!parser.atEnd) {
    nodes.push(...parser.list());
    parser.skip();
  }
  return nodes;
}

class Parser {
  private at = 0;
  private depth = 0;
  private readonly text: string;
  private readonly tokens: readonly Token[];

  constructor(text: string, tokens: readonly Token[]) {
    this.text = text;
    this.tokens = tokens;
  }

  get atEnd(): boolean {
    return this.at >= this.tokens.length;
  }

  skip(): void {
    this.at += 1;
  }

  /** Commands up to a closing word or bracket, or `;;`, which is left to the caller. */
  list(): Node[] {
    const nodes: Node[] = [];
    if (this.depth >= maxDepth) return nodes;
    this.depth += 1;
    while (!this.atEnd && !this.closes()) {
      if (this.isOperator() && !this.isOperator('(')) this.at += 1;
      else {
        const before = this.at;
        nodes.push(this.chain());
        if (this.at === before) this.at += 1;
      }
    }
    this.depth -= 1;
    return nodes;
  }

  private chain(): Node {
    let left = this.command();
    for (;;) {
      const operator = this.operatorText();
      if (operator !== '&&' && operator !== '||') return left;
      this.at += 1;
      this.newlines();
      left = { kind: 'chain', left, right: this.command(), operator };
    }
  }

  private command(): Node {
    const token = this.tokens[this.at];
    if (token?.kind === 'operator' && token.text === '(') return this.group(')', false);
    if (token?.kind !== 'word') return this.simple();
    switch (this.text.slice(token.start, token.end)) {
      case '{':
        return this.group('}', false);
      case '!':
        this.at += 1;
        return { kind: 'group', body: [this.command()], negated: true };
      case 'if':
        return this.conditional();
      case 'for':
      case 'select':
        return this.loop();
      case 'while':
      case 'until':
        return this.repeated();
      case 'case':
        return this.choice();
      case 'function':
        this.at += 1;
        return this.definition();
      default:
        return this.isDefinition() ? this.definition() : this.simple();
    }
  }

  private group(close: string, negated: boolean): Node {
    this.at += 1;
    const body = this.list();
    this.take(close);
    this.redirects();
    return { kind: 'group', body, negated };
  }

  private conditional(): Node {
    const branches: Branch[] = [];
    let otherwise: Node[] = [];
    while (this.take('if') || this.take('elif')) {
      const test = this.list();
      this.take('then');
      branches.push({ test, body: this.list() });
    }
    if (this.take('else')) otherwise = this.list();
    this.take('fi');
    return { kind: 'if', branches, otherwise };
  }

  private loop(): Node {
    this.at += 1;
    const variable = this.wordText() ?? '';
    if (variable !== '') this.at += 1;
    let values: Word[] | null = null;
    this.newlines();
    if (this.take('in')) {
      values = [];
      for (let token = this.tokens[this.at]; token?.kind === 'word'; token = this.tokens[this.at]) {
        values.push(token);
        this.at += 1;
      }
    }
    // `for ((…))` and whatever else stands before the body.
    while (!this.atEnd && this.wordText() !== 'do') this.at += 1;
    this.take('do');
    const body = this.list();
    this.take('done');
    this.redirects();
    return { kind: 'for', variable, values, body };
  }

  private repeated(): Node {
    this.at += 1;
    const test = this.list();
    this.take('do');
    const body = this.list();
    this.take('done');
    this.redirects();
    return { kind: 'while', test, body };
  }

  private choice(): Node {
    this.at += 1;
    const subject = this.tokens[this.at];
    if (subject?.kind !== 'word') return this.simple();
    this.at += 1;
    this.newlines();
    this.take('in');
    const arms: { patterns: Word[]; body: Node[] }[] = [];
    for (;;) {
      while (this.isOperator() && !this.isOperator('(')) this.at += 1;
      if (this.atEnd || this.take('esac')) break;
      const before = this.at;
      const patterns: Word[] = [];
      if (this.isOperator('(')) this.at += 1;
      for (let token = this.tokens[this.at]; token !== undefined; token = this.tokens[this.at]) {
        if (token.kind === 'operator' && token.text !== '|') break;
        if (token.kind === 'word') patterns.push(token);
        this.at += 1;
      }
      if (this.isOperator(')')) this.at += 1;
      arms.push({ patterns, body: this.list() });
      // Whatever else closed the list belongs to somebody else.
      if (this.at === before || (this.closes() && !this.isOperator() && this.wordText() !== 'esac')) break;
    }
    return { kind: 'case', subject, arms };
  }

  private definition(): Node {
    const name = this.wordText() ?? '';
    this.at += 1;
    if (this.isOperator('(')) this.at += 1;
    if (this.isOperator(')')) this.at += 1;
    this.newlines();
    const body = this.command();
    return { kind: 'function', name, body: body.kind === 'group' ? body.body : [body] };
  }

  private simple(): SimpleCommand {
    const start = this.tokens[this.at];
    const command: SimpleCommand = { kind: 'simple', items: [], redirects: [], start: 0, end: 0 };
    if (start !== undefined && start.kind !== 'redirect') command.start = start.start;
    const test = this.wordText() === '[[';
    for (let token = this.tokens[this.at]; token !== undefined; token = this.tokens[this.at]) {
      if (token.kind === 'redirect') command.redirects.push(token);
      else if (token.kind === 'operator') {
        // Inside [[ … ]] operators are part of the test.
        if (!test || token.text.startsWith(';')) break;
        command.items.push({ kind: 'word', start: token.start, end: token.end });
      } else {
        const array = this.array(token);
        command.items.push(array ?? token);
        if (test && this.text.slice(token.start, token.end) === ']]') {
          command.end = token.end;
          this.at += 1;
          break;
        }
      }
      const last = this.tokens[this.at];
      if (last !== undefined && last.kind !== 'redirect') command.end = last.end;
      this.at += 1;
    }
    return command;
  }

  /** `NAME=(…)`, left at its closing bracket. */
  private array(head: Word): Item | null {
    const open = this.tokens[this.at + 1];
    const opens = open?.kind === 'operator' && open.text === '(' && open.start === head.end;
    if (!opens || !/^[A-Za-z_]\w*\+?=$/.test(this.text.slice(head.start, head.end))) return null;
    this.at += 2;
    const items: Word[] = [];
    for (let token = this.tokens[this.at]; token !== undefined; token = this.tokens[this.at]) {
      if (token.kind === 'operator' && token.text === ')') break;
      if (token.kind === 'word') items.push(token);
      this.at += 1;
    }
    return { kind: 'array', head, items };
  }

  private redirects(): void {
    while (this.tokens[this.at]?.kind === 'redirect') this.at += 1;
  }

  private newlines(): void {
    while (this.isOperator(';')) this.at += 1;
  }

  private isDefinition(): boolean {
    const [open, close] = [this.tokens[this.at + 1], this.tokens[this.at + 2]];
    const isText = (token: Token | undefined, text: string): token is Operator =>
      token?.kind === 'operator' && token.text === text;
    return isText(open, '(') && isText(close, ')') && /^[\w:.-]+$/.test(this.wordText() ?? '');
  }

  private closes(): boolean {
    const operator = this.operatorText();
    if (operator !== null) return operator === ')' || (operator.startsWith(';') && operator !== ';');
    return closers.has(this.wordText() ?? '');
  }

  private take(word: string): boolean {
    if (this.wordText() !== word && this.operatorText() !== word) return false;
    this.at += 1;
    return true;
  }

  private isOperator(text?: string): boolean {
    const operator = this.operatorText();
    return text === undefined ? operator !== null : operator === text;
  }

  private operatorText(): string | null {
    const token = this.tokens[this.at];
    return token?.kind === 'operator' ? token.text : null;
  }

  private wordText(): string | null {
    const token = this.tokens[this.at];
    return token?.kind === 'word' ? this.text.slice(token.start, token.end) : null;
  }
}
