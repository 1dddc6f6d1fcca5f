// Waits for a condition, for as long as a busy machine may need.
import { setTimeout } from 'node:timers/promises';

const patienceMs = 300_000;

export async function until(what: string, holds: () => boolean): Promise<void> {
  const deadline = Date.now() + patienceMs;
  while (!holds()) {
    if (Date.now() > deadline) throw new Error(`Waited in vain for ${what}.`);
    await setTimeout(100);
  }
}
