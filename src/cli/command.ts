// The one form of a command: its operands, its options, and work that ends with an exit status. `register` hands it to commander.
import type { Command, Option } from 'commander';
import { exitWith } from './exitStatus.ts';
import type { Terminal } from './terminal.ts';

/** Name as commander writes it (`<base>`, `<tuned...>`), and what its help says. */
type Operand = readonly [name: string, description: string];

interface CommandSpec<Given extends readonly (string | string[])[], Flags> {
  name: string;
  description: string;
  operands: readonly Operand[];
  options: readonly Option[];
  /** Said where the user interrupts it. */
  interrupted: string;
  /** The exit status; rejects with a ThreeGateError where there is nothing to show. */
  run: (given: Given, flags: Flags, terminal: Terminal) => Promise<number>;
}

interface CliCommand {
  name: string;
  options: readonly Option[];
  register(program: Command, terminal: Terminal): void;
}

/** `Given` and `Flags` are what commander makes of `operands` and `options`. */
export function defineCommand<Given extends readonly (string | string[])[], Flags>(
  spec: CommandSpec<Given, Flags>,
): CliCommand {
  const { name, description, operands, options, interrupted, run } = spec;
  return {
    name,
    options,
    register(program, terminal) {
      const command = program.command(name).description(description);
      for (const [operand, words] of operands) command.argument(operand, words);
      for (const option of options) command.addOption(option);
      command.action(async (...parsed: unknown[]) => {
        const given = parsed.slice(0, operands.length) as unknown as Given;
        const flags = parsed[operands.length] as Flags;
        await exitWith(terminal, interrupted, () => run(given, flags, terminal));
      });
    },
  };
}
