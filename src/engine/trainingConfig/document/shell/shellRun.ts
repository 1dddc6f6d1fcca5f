// Which commands a script would start, with their words expanded. Branches that the script settles are taken or left;
// of others every side counts, and what they set says under which condition. No command is run.
import { Assignments } from './shellAssignments.ts';
import { Commands, maxDepth, type Definition, type Script, type StartedCommand } from './shellCommands.ts';
import { expandValue } from './shellExpansion.ts';
import { tokensOf, type Word } from './shellLexer.ts';
import { parseTokens, type Node, type SimpleCommand } from './shellParser.ts';
import { Scope, type UndecidedBranch } from './shellScope.ts';
import { decideTest, isTest, matches } from './shellTests.ts';
import { fileSource, isOpen, stringOf, type Source } from './shellText.ts';

/** Every command in the order in which it would be started. */
export function startedCommands(text: string): StartedCommand[] {
  const run = new ShellRun();
  run.source(fileSource(text), null, 0);
  if (run.commands.length === 0) run.uncalled();
  return run.commands;
}

class ShellRun implements Script {
  readonly commands: StartedCommand[] = [];
  stopped: Script['stopped'] = null;
  readonly scope = new Scope();
  readonly functions = new Map<string, Definition>();

  source(source: Source, branch: UndecidedBranch | null, depth: number): void {
    const nodes = parseTokens(source.text, tokensOf(source.text));
    new SourceRun(source, this).run(nodes, branch, depth);
  }

  body({ body, source }: Definition, branch: UndecidedBranch | null, depth: number): void {
    new SourceRun(source, this).run(body, branch, depth);
  }

  /** A file of functions that it leaves others to call. */
  uncalled(): void {
    this.stopped = null;
    for (const definition of this.functions.values()) {
      if (!definition.called) this.body(definition, null, 1);
    }
  }
}

/** The commands of one source: the file, or an `eval`. */
class SourceRun {
  private readonly text: Source;
  private readonly scope: Scope;
  private readonly script: Script;
  private readonly assignments: Assignments;
  private readonly commands: Commands;

  constructor(text: Source, script: Script) {
    this.text = text;
    this.scope = script.scope;
    this.script = script;
    this.assignments = new Assignments(text, script.scope);
    this.commands = new Commands(text, this.assignments, script);
  }

  run(nodes: readonly Node[], branch: UndecidedBranch | null, depth: number): void {
    for (const node of depth > maxDepth ? [] : nodes) {
      if (this.script.stopped !== null) return;
      this.node(node, branch, depth);
    }
  }

  private node(node: Node, branch: UndecidedBranch | null, depth: number): void {
    switch (node.kind) {
      case 'simple':
        this.commands.run(node, branch, depth);
        break;
      case 'group':
        this.run(node.body, branch, depth + 1);
        break;
      case 'chain':
        this.chain(node, branch, depth + 1);
        break;
      case 'function':
        this.script.functions.set(node.name, { body: node.body, source: this.text, called: false });
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
    const items = values === null ? null : this.commands.fields(values);
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
      const words = this.commands.fields(only.items.filter((item): item is Word => item.kind === 'word'));
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
}

function simpleOf(node: Node): SimpleCommand | null {
  if (node.kind === 'simple') return node;
  if (node.kind === 'chain') return simpleOf(node.left);
  return node.kind === 'group' && node.body[0] !== undefined ? simpleOf(node.body[0]) : null;
}
