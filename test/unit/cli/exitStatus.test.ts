// The last word of a command that failed: its sentence, and what to say to go on where the command line knows it.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { exitWith } from '../../../src/cli/exitStatus.ts';
import type { Terminal } from '../../../src/cli/terminal.ts';
import { ThreeGateError } from '../../../src/shared/errors.ts';

async function lastWords(error: Error): Promise<{ said: string; status: unknown }> {
  let said = '';
  const stream = { write: (text: string) => ((said += text), true), isTTY: false };
  const terminal = {
    stdout: stream,
    stderr: stream,
    environment: {},
    interrupted: new AbortController().signal,
  } as unknown as Terminal;
  try {
    await exitWith(terminal, 'Interrupted.', () => Promise.reject(error));
    return { said, status: process.exitCode };
  } finally {
    process.exitCode = undefined;
  }
}

describe('a command that failed', () => {
  it('says how more is read of remote checkpoints than unasked', async () => {
    const costly = new ThreeGateError('remote-cost', '12.0 GB are to be read from elsewhere.');
    assert.deepEqual(await lastWords(costly), {
      said: 'three-gate: 12.0 GB are to be read from elsewhere. Say --yes to read them.\n',
      status: 2,
    });
  });

  it('says what failed, and no more, for anything else', async () => {
    const missing = new ThreeGateError('not-found', 'There is no /base.');
    assert.deepEqual(await lastWords(missing), { said: 'three-gate: There is no /base.\n', status: 2 });
  });
});
