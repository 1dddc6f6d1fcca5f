// The bf16 view of a pair's tuned side by rectangles, stored or not: what an adapter makes of the base is computed as the
// streaming pass does it, Ŵ = W + ΔW in float32 and rounded once. Memory: a slab; for an adapted tensor also its base,
// which the update is held against once.
import { ThreeGateError } from '../../shared/errors.ts';
import type { TensorPair } from '../checkpoint/checkpoint.ts';
import { roundToBf16, type TensorValues } from '../checkpoint/tensorValues.ts';
import { gridOf, type Rectangle } from '../kernels/chunkPlan.ts';
import type { Update } from '../kernels/tensorStreamer.ts';
import { chunkUpdate, fillUpdated } from '../kernels/updatedSlab.ts';
import type { AdapterUpdate } from '../checkpoint/adapterUpdate.ts';

/** Row-major bits over a rectangle of the tensor seen as a matrix. */
type ReadTuned = (area: Rectangle) => Promise<Uint16Array>;

/** Makes the update of an adapted tensor ready; `base` reads the base's tensor whole. */
type PrepareTuned = (
  pair: TensorPair,
  adapter: AdapterUpdate,
  base: () => Promise<Float32Array>,
) => Promise<{ update: Update }>;

export async function openTuned(
  pair: TensorPair,
  values: TensorValues,
  prepare: PrepareTuned,
): Promise<ReadTuned> {
  const { base, tuned } = pair;
  const { columns } = gridOf(pair.shape);
  const firstOf = (area: Rectangle): number => area.firstRow * columns + area.firstColumn;
  const { adapter } = tuned;
  if (adapter === undefined) {
    return (area) => values.readBf16(tuned, firstOf(area), area.rows * area.columns);
  }
  const { update } = await prepare(pair, adapter, async () => {
    const whole = new Float32Array(base.elements);
    await values.readFloat32(base, 0, whole);
    return whole;
  });
  return async (area) => {
    if (update.rowNorms !== null && area.columns !== columns) {
      const message = `Rows of ${columns} elements are too long to be scaled to a DoRA magnitude (${pair.name}).`;
      throw new ThreeGateError('adapter-unsupported', message, { tensor: pair.name });
    }
    const stored = new Float32Array(area.rows * area.columns);
    await values.readFloat32(base, firstOf(area), stored);
    const made = new Float32Array(stored.length);
    fillUpdated(made, stored, await chunkUpdate(update, area), area, area);
    return roundToBf16(made);
  };
}
