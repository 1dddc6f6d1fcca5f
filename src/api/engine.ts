// A process that computes, for the time of one call.
import { fileURLToPath } from 'node:url';
import type { EngineApi } from '../node/engine/engineApi.ts';
import { EngineClient } from '../node/engine/engineClient.ts';
import { surviving } from '../node/engine/surviving.ts';

/** The built engine lies beside the bundle of this module. */
const enginePath = fileURLToPath(new URL('engine.cjs', import.meta.url));

/** Rejects as the work does, or with the signal's reason once that was given. */
export async function withEngine<Result>(
  signal: AbortSignal | undefined,
  work: (engine: EngineApi, signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  signal?.throwIfAborted();
  const engine = surviving(new EngineClient({ enginePath }));
  try {
    const result = await work(engine, signal ?? new AbortController().signal);
    signal?.throwIfAborted();
    return result;
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    engine.dispose();
  }
}
