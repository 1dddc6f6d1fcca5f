#!/usr/bin/env node
// Entry of `three-gate`: the process, its signals and its commands.
import { join } from 'node:path';
import { Command, CommanderError } from 'commander';
import { version } from '../node/engine/version.ts';
import { commands } from './commands/all.ts';
import { exitStatus } from './exitStatus.ts';
import type { Terminal } from './terminal.ts';

const interrupt = new AbortController();
const terminal: Terminal = {
  stdout: process.stdout,
  stderr: process.stderr,
  environment: process.env,
  interrupted: interrupt.signal,
  enginePath: join(__dirname, 'engine.cjs'),
};

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    // The first asks, the second insists.
    if (interrupt.signal.aborted) process.exit(exitStatus.interrupted);
    interrupt.abort();
  });
}
// `three-gate … | head` closes the pipe early: that is no error of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? exitStatus.analysed : exitStatus.unusable);
});

const program = new Command('three-gate')
  .description(
    'What did fine-tuning really do to the weights? Three gates, measured on a pair of checkpoints.',
  )
  .version(version)
  .showHelpAfterError('(three-gate --help lists what there is)')
  .configureOutput({
    outputError: (text, write) => {
      write(text.replace(/^error: /, 'three-gate: '));
    },
  })
  .exitOverride();
for (const command of commands) command.register(program, terminal);

// A command ends with a status of its own; commander has printed its own sentence, or the help that was asked for.
// Said, as the same bundle is run by an editor's Electron, whose arguments would be taken for those of an application.
program.parseAsync(process.argv, { from: 'node' }).catch((error: unknown) => {
  if (!(error instanceof CommanderError)) throw error;
  process.exitCode = error.exitCode === 0 ? exitStatus.analysed : exitStatus.unusable;
});
