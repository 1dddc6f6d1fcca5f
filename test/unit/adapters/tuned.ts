// The tuned side that an adapter and a base make, tensor by tensor, as the engine computes it.
import { join } from 'node:path';
import { FactorMemory } from '../../../src/engine/updates/factorMemory.ts';
import { prepareUpdate, type PreparedUpdate } from '../../../src/engine/updates/prepareUpdate.ts';
import type { Pairing, TensorPair } from '../../../src/engine/checkpoint/checkpoint.ts';
import { openCheckpoint } from '../../../src/engine/opening/openCheckpoint.ts';
import { pairCheckpoints } from '../../../src/engine/pairing/pairing.ts';
import type { GeometryEngine } from '../../../src/engine/gates/geometry.ts';
import type { StreamResult, TensorStreamer } from '../../../src/engine/kernels/tensorStreamer.ts';
import { nodeFileSystem } from '../../../src/node/disk/nodeFileSystem.ts';

const never = new AbortController().signal;

export async function pairingIn(folder: string, base: string, adapter: string): Promise<Pairing> {
  return pairCheckpoints(
    await openCheckpoint(nodeFileSystem, join(folder, base)),
    await openCheckpoint(nodeFileSystem, join(folder, adapter)),
  );
}

export async function tunedOf(
  engine: GeometryEngine,
  streamer: TensorStreamer,
  pair: TensorPair,
): Promise<{ result: StreamResult; prepared: PreparedUpdate | null }> {
  const options = { eta: 1e-3, wantMatrices: true };
  const { adapter } = pair.tuned;
  if (adapter === undefined) return { result: await streamer.stream(pair, options, never), prepared: null };
  const prepared = await prepareUpdate(
    { ...engine, fileSystem: nodeFileSystem, factors: new FactorMemory(nodeFileSystem) },
    pair.tuned,
    adapter,
    async () => (await streamer.stream({ ...pair, tuned: pair.base }, options, never)).base!,
  );
  return { result: await streamer.stream(pair, options, never, prepared.update), prepared };
}

/** The largest error of `values` against base64 float32, relative to the largest of them. */
export function relativeError(values: Float32Array, wanted: string): number {
  const right = new Float32Array(new Uint8Array(Buffer.from(wanted, 'base64')).buffer);
  if (right.length !== values.length) return Infinity;
  const scale = Math.max(...right.map(Math.abs));
  return Math.max(...right.map((value, i) => Math.abs(value - values[i]!))) / scale;
}
