// What one command of a script does: it sets a variable, starts a program, calls a function, reads another source, or ends.
import type { Assignments } from './shellAssignments.ts';
import { expandWord } from './shellExpansion.ts';
import type { Word } from './shellLexer.ts';
import type { Item, Node, SimpleCommand } from './shellParser.ts';
import type { Scope, UndecidedBranch } from './shellScope.ts';
import { stringOf, textSource, type Source, type Text } from './shellText.ts';

export interface StartedCommand {
  words: Text[];
}

/** A function of the script. */
export interface Definition {
  body: Node[];
  source: Source;
  called: boolean;
}

/** The script that the commands stand in. */
export interface Script {
  readonly commands: StartedCommand[];
  readonly functions: Map<string, Definition>;
  readonly scope: Scope;
  /** What ended the commands that were being read. */
  stopped: 'return' | 'exit' | null;
  /** Runs further text: of an `eval`, or of `bash -c`. */
  source(source: Source, branch: UndecidedBranch | null, depth: number): void;
  /** Runs the body of a function. */
  body(definition: Definition, branch: UndecidedBranch | null, depth: number): void;
}

/** A command's name and words, expanded, and the items that they come from but for the name. */
interface Invoked {
  name: string;
  words: Text[];
  items: readonly Item[];
  command: SimpleCommand;
}

const maxCommands = 2000;
export const maxDepth = 40;
const declaring = new Set(['export', 'local', 'readonly', 'declare', 'typeset']);

/** The commands of one source: the file, or an `eval`. */
export class Commands {
  constructor(
    private readonly text: Source,
    private readonly assignments: Assignments,
    private readonly script: Script,
  ) {}

  run(command: SimpleCommand, branch: UndecidedBranch | null, depth: number): void {
    const first = command.items.findIndex((item) => !this.assignments.matches(item));
    if (first === -1) {
      for (const item of command.items) this.assignments.assign(item, branch);
      return;
    }
    const items = command.items.slice(first);
    const words = this.fields(items.filter((item): item is Word => item.kind === 'word'));
    const name = stringOf(words[0] ?? []);
    if (this.builtIn({ name, words, items: items.slice(1), command }, branch, depth)) return;
    if (this.script.functions.has(name)) this.call(name, words.slice(1), branch, depth);
    else if (!this.shellCommand(words, branch, depth) && this.script.commands.length < maxCommands) {
      if (words.length > 0) this.script.commands.push({ words });
      if (name === 'exec' && words.length > 1 && branch === null) this.script.stopped = 'exit';
    }
  }

  /** False when the name is none of the shell's own that matter here. */
  private builtIn(
    { name, words, items, command }: Invoked,
    branch: UndecidedBranch | null,
    depth: number,
  ): boolean {
    const { scope } = this.script;
    if (declaring.has(name)) for (const item of items) this.assignments.assign(item, branch);
    else if (name === 'read') this.assignments.read(words, command, branch);
    else if (name === 'set') this.setPositional(words);
    else if (name === 'shift') {
      scope.positional = scope.positional?.slice(Number(stringOf(words[1] ?? [])) || 1) ?? null;
    } else if (name === 'unset') for (const word of words.slice(1)) scope.variables.delete(stringOf(word));
    else if (name === 'exit' || name === 'return') {
      if (branch === null) this.script.stopped = name;
    } else if (name === 'eval') this.script.source(joined(words.slice(1)), branch, depth + 1);
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
    this.script.source(textSource(script), branch, depth + 1);
    return true;
  }

  private call(name: string, words: Text[], branch: UndecidedBranch | null, depth: number): void {
    const { functions, scope } = this.script;
    const definition = functions.get(name);
    if (definition === undefined || depth > maxDepth) return;
    definition.called = true;
    const outer = scope.positional;
    scope.positional = words;
    this.script.body(definition, branch, depth + 4);
    scope.positional = outer;
    if (this.script.stopped === 'return') this.script.stopped = null;
  }

  private setPositional(words: readonly Text[]): void {
    const dashes = words.findIndex((word) => stringOf(word) === '--');
    if (dashes !== -1) this.script.scope.positional = words.slice(dashes + 1);
  }

  fields(words: readonly Word[]): Text[] {
    return words.flatMap(({ start, end }) => expandWord(this.text, start, end, this.script.scope));
  }
}

function joined(words: readonly Text[]): Source {
  return textSource(
    words.flatMap((word, index) =>
      index === 0 ? [...word] : [{ c: ' ', from: 0, to: 0, open: false, when: null }, ...word],
    ),
  );
}
