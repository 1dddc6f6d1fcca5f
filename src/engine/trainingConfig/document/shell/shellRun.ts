// Which commands a script would start, with their words expanded. Branches that the script settles are taken or left;
// of others every side counts, and what they set says under which condition. No command is run.
import { Assignments } from './shellAssignments.ts';
import { expandValue, expandWord } from './shellExpansion.ts';
import { tokensOf, type Word } from './shellLexer.ts';
import { parseTokens, type Item, type Node, type SimpleCommand } from './shellParser.ts';
import { Scope, type UndecidedBranch } from './shellScope.ts';
import { decideTest, isTest, matches } from './shellTests.ts';
import { fileSource, isOpen, stringOf, textSource, type Source, type Text } from './shellText.ts';

export interface StartedCommand {
  words: Text[];
}

const maxCommands = 2000;
const maxDepth = 40;
const declaring = new Set(['export', 'local', 'readonly', 'declare', 'typeset']);

/** Every command in the order in which it would be started. */
export function startedCommands(text: string): StartedCommand[] {
  const run = new ShellRun();
  run.source(fileSource(text), null, 0);
  if (run.commands.length === 0) run.uncalled();
  return run.commands;
}

interface Definition {
  body: Node[];
  source: Source;
  called: boolean;
}

class ShellRun {
  readonly commands: StartedCommand[] = [];
  /** What ended the commands that were being read. */
  stopped: 'return' | 'exit' | null = null;
  private readonly scope = new Scope();
  private readonly functions = new Map<string, Definition>();

  source(source: Source, branch: UndecidedBranch | null, depth: number): void {
    new SourceRun(source, this.scope, this.functions, this.commands, this).run(
      parseTokens(source.text, tokensOf(source.text)),
      branch,
      depth,
    );
  }

  /** A file of functions that it leaves others to call. */
  uncalled(): void {
    this.stopped = null;
    for (const { body, source, called } of this.functions.values()) {
      if (!called) new SourceRun(source, this.scope, this.functions, this.commands, this).run(body, null, 1);
    }
  }
}

/** The commands of one source: the file, or an `eval`. */
class SourceRun {
  private readonly text: Source;
  private readonly scope: Scope;
  private readonly functions: Map<string, Definition>;
  private readonly commands: StartedCommand[];
  private readonly whole: ShellRun;
  private readonly assignments: Assignments;

  constructor(
    text: Source,
    scope: Scope,
    functions: Map<string, Definition>,
    commands: StartedCommand[],
    whole: ShellRun,
  ) {
    this.text = text;
    this.scope = scope;
    this.functions = functions;
    this.commands = commands;
    this.whole = whole;
    this.assignments = new Assignments(text, scope);
  }

  run(nodes: readonly Node[], branch: UndecidedBranch | null, depth: number): void {
    for (const node of depth > maxDepth ? [] : nodes) {
      if (this.whole.stopped !== null) return;
      this.node(node, branch, depth);
    }
  }

  private node(node: Node, branch: UndecidedBranch | null, depth: number): void {
    switch (node.kind) {
      case 'simple':
        this.simple(node, branch, depth);
        break;
      case 'group':
        this.run(node.body, branch, depth + 1);
        break;
      case 'chain':
        this.chain(node, branch, depth + 1);
        break;
      case 'function':
        this.functions.set(node.name, { body: node.body, source: this.text, called: false });
        break;
      case 'if':
        this.conditional(node, branch, depth + 1);
        break;
      case 'case':
        this.choice(node, branch, depth + 1);
        break;
      case 'for':
        this.loop(node, branch, depth + 1);
        break;
      case 'while': {
        const decided = this.decide(node.test, branch, depth + 1);
        if (decided !== false)
          this.run(node.body, decided === true ? branch : this.branchOf(node.test), depth + 1);
      }
    }
  }

  /** Whether it succeeds, as far as the script settles that. */
  private chain(
    { left, right, operator }: Extract<Node, { kind: 'chain' }>,
    branch: UndecidedBranch | null,
    depth: number,
  ): boolean | null {
    if (depth > maxDepth) return null;
    const decided = this.decide([left], branch, depth);
    if (decided !== null)
      return decided === (operator === '&&') ? this.decide([right], branch, depth) : decided;
    // A command that is no test mostly succeeds; what follows a failed one still says what it would start.
    const sure = !this.isTestNode(left) && operator === '&&';
    this.run([right], sure ? branch : this.branchOf([left]), depth);
    return null;
  }

  private conditional(
    { branches, otherwise }: Extract<Node, { kind: 'if' }>,
    branch: UndecidedBranch | null,
    depth: number,
  ): void {
    let undecided: UndecidedBranch | null = null;
    for (const { test, body } of branches) {
      const decided = this.decide(test, branch, depth);
      if (decided === false) continue;
      if (decided === true && undecided === null) {
        this.run(body, branch, depth);
        return;
      }
      undecided = this.branchOf(decided === true ? [] : test, undecided);
      this.run(body, undecided, depth);
      if (decided === true) return;
    }
    this.run(otherwise, undecided === null ? branch : this.branchOf([], undecided), depth);
  }

  private choice(
    { subject, arms }: Extract<Node, { kind: 'case' }>,
    branch: UndecidedBranch | null,
    depth: number,
  ): void {
    const value = expandValue(this.text, subject.start, subject.end, this.scope);
    const written = this.text.text.slice(subject.start, subject.end);
    let unsure = isOpen(value);
    for (const { patterns, body } of arms) {
      const said = patterns.map(({ start, end }) => expandValue(this.text, start, end, this.scope));
      const matched = said.map((pattern) =>
        isOpen(pattern) ? null : matches(stringOf(value), stringOf(pattern)),
      );
      if (!unsure && matched.includes(true)) {
        this.run(body, branch, depth);
        return;
      }
      if (!unsure && matched.every((one) => one === false)) continue;
      unsure = true;
      this.run(body, { condition: `${written} is ${said.map(stringOf).join(' or ')}` }, depth);
    }
  }

  private loop(
    { variable, values, body }: Extract<Node, { kind: 'for' }>,
    branch: UndecidedBranch | null,
    depth: number,
  ): void {
    const items = values === null ? null : this.fields(values);
    if (items !== null && items.length === 0) return;
    if (/^[A-Za-z_]\w*$/.test(variable)) {
      this.scope.assign(variable, [items?.[0] ?? []], null, false, null);
      const set = this.scope.get(variable);
      // One of several: the script runs for each of them.
      if (set !== null && items?.length !== 1) set.ambiguous = true;
    }
    this.run(body, branch, depth);
  }

  /** True or false where the script settles its test; runs what else the test starts. */
  private decide(test: readonly Node[], branch: UndecidedBranch | null, depth: number): boolean | null {
    const [only] = test;
    if (test.length !== 1 || only === undefined) {
      this.run(test, branch, depth);
      return null;
    }
    if (only.kind === 'group' && only.negated) {
      const inner = this.decide(only.body, branch, depth);
      return inner === null ? null : !inner;
    }
    if (only.kind === 'chain') return this.chain(only, branch, depth + 1);
    if (only.kind === 'simple') {
      if (only.items.length > 0 && only.items.every((item) => this.assignments.matches(item))) {
        this.run(test, branch, depth);
        return true;
      }
      const words = this.fields(only.items.filter((item): item is Word => item.kind === 'word'));
      if (isTest(words)) return decideTest(words);
    }
    this.run(test, branch, depth);
    return null;
  }

  private isTestNode(node: Node): boolean {
    if (node.kind === 'chain') return this.isTestNode(node.left);
    if (node.kind === 'group') return node.body.every((inner) => this.isTestNode(inner));
    if (node.kind !== 'simple' || node.items[0]?.kind !== 'word') return false;
    return /^(\[\[?|test)$/.test(this.text.text.slice(node.items[0].start, node.items[0].end));
  }

  private branchOf(test: readonly Node[], before: UndecidedBranch | null = null): UndecidedBranch {
    const [simple] = test.flatMap((node) => simpleOf(node) ?? []);
    if (simple === undefined) return { condition: `not ${before?.condition ?? 'the branch before'}` };
    const written = this.text.text.slice(simple.start, simple.end).replace(/\s+/g, ' ').slice(0, 120);
    return { condition: written };
  }

  private simple(command: SimpleCommand, branch: UndecidedBranch | null, depth: number): void {
    const first = command.items.findIndex((item) => !this.assignments.matches(item));
    if (first === -1) {
      for (const item of command.items) this.assignments.assign(item, branch);
      return;
    }
    const items = command.items.slice(first);
    const words = this.fields(items.filter((item): item is Word => item.kind === 'word'));
    const name = stringOf(words[0] ?? []);
    if (this.builtIn(name, words, items.slice(1), command, branch, depth)) return;
    if (this.functions.has(name)) this.call(name, words.slice(1), branch, depth);
    else if (!this.shellCommand(words, branch, depth) && this.commands.length < maxCommands) {
      if (words.length > 0) this.commands.push({ words });
      if (name === 'exec' && words.length > 1 && branch === null) this.whole.stopped = 'exit';
    }
  }

  /** False when the name is none of the shell's own that matter here. */
  private builtIn(
    name: string,
    words: Text[],
    items: readonly Item[],
    command: SimpleCommand,
    branch: UndecidedBranch | null,
    depth: number,
  ): boolean {
    const { scope } = this;
    if (declaring.has(name)) for (const item of items) this.assignments.assign(item, branch);
    else if (name === 'read') this.assignments.read(words, command, branch);
    else if (name === 'set') this.setPositional(words);
    else if (name === 'shift') {
      scope.positional = scope.positional?.slice(Number(stringOf(words[1] ?? [])) || 1) ?? null;
    } else if (name === 'unset') for (const word of words.slice(1)) scope.variables.delete(stringOf(word));
    else if (name === 'exit' || name === 'return') {
      if (branch === null) this.whole.stopped = name;
    } else if (name === 'eval') this.whole.source(joined(words.slice(1)), branch, depth + 1);
    else return false;
    return true;
  }

  /** `bash -c "…"`, wherever it stands in the command. */
  private shellCommand(words: readonly Text[], branch: UndecidedBranch | null, depth: number): boolean {
    const at = words.findIndex((word) => /^(.*\/)?(ba|z|da)?sh$/.test(stringOf(word)));
    if (at === -1) return false;
    let flag = at + 1;
    while (/^-\w+$/.test(stringOf(words[flag] ?? [])) && !stringOf(words[flag] ?? []).endsWith('c'))
      flag += 1;
    const script = words[flag + 1];
    if (!/^-\w*c$/.test(stringOf(words[flag] ?? [])) || script === undefined) return false;
    this.whole.source(textSource(script), branch, depth + 1);
    return true;
  }

  private call(name: string, words: Text[], branch: UndecidedBranch | null, depth: number): void {
    const definition = this.functions.get(name);
    if (definition === undefined || depth > maxDepth) return;
    definition.called = true;
    const outer = this.scope.positional;
    this.scope.positional = words;
    new SourceRun(definition.source, this.scope, this.functions, this.commands, this.whole).run(
      definition.body,
      branch,
      depth + 4,
    );
    this.scope.positional = outer;
    if (this.whole.stopped === 'return') this.whole.stopped = null;
  }

  private setPositional(words: readonly Text[]): void {
    const dashes = words.findIndex((word) => stringOf(word) === '--');
    if (dashes !== -1) this.scope.positional = words.slice(dashes + 1);
  }

  private fields(words: readonly Word[]): Text[] {
    return words.flatMap(({ start, end }) => expandWord(this.text, start, end, this.scope));
  }
}

function simpleOf(node: Node): SimpleCommand | null {
  if (node.kind === 'simple') return node;
  if (node.kind === 'chain') return simpleOf(node.left);
  return node.kind === 'group' && node.body[0] !== undefined ? simpleOf(node.body[0]) : null;
}

function joined(words: readonly Text[]): Source {
  return textSource(
    words.flatMap((word, index) =>
      index === 0 ? [...word] : [{ c: ' ', from: 0, to: 0, open: false, when: null }, ...word],
    ),
  );
}
