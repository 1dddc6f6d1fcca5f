// One checkpoint, from its headers alone.
import { checkpointPath } from '../node/disk/checkpointPath.ts';
import type { CheckpointListing } from '../shared/protocol/engineProtocol.ts';
import { withEngine } from './engine.ts';

/**
 * Lists tensors, dtypes, shapes, metadata and problems of a checkpoint: `three-gate inspect`. Rejects with a `ThreeGateError`
 * for what is no checkpoint, or with the reason of the signal that stopped it.
 */
export function inspect(
  checkpoint: string,
  { signal }: { signal?: AbortSignal } = {},
): Promise<CheckpointListing> {
  return withEngine(signal, async (engine) => {
    const path = await checkpointPath(checkpoint);
    const stop = (): void => {
      engine.dispose();
    };
    signal?.addEventListener('abort', stop, { once: true });
    try {
      return await engine.inspect(path);
    } finally {
      signal?.removeEventListener('abort', stop);
    }
  });
}
