// Commands that run side by side: what one prints is shown whole, when it is done; of one alone it may be shown at once.
import { spawn } from 'node:child_process';
import { needsShell, shellArguments } from './setup.mjs';

/**
 * @param {string} command @param {string[]} args @param {{ environment?: NodeJS.ProcessEnv, atOnce?: boolean }} [options] environment beyond that of this process
 * @returns {Promise<boolean>} whether it ended well
 */
export function runBeside(command, args, { environment = {}, atOnce = false } = {}) {
  const out = atOnce ? 'inherit' : 'pipe';
  const child = spawn(command, shellArguments(args), {
    ...{ stdio: ['ignore', out, out], shell: needsShell },
    env: { ...process.env, ...environment },
  });
  /** @type {Buffer[]} */
  const output = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (/** @type {Buffer} */ part) => output.push(part));
  }
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      process.stdout.write(Buffer.concat(output));
      resolve(code === 0);
    });
  });
}
