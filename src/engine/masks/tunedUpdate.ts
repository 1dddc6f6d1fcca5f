// The update between a base and a tuned checkpoint, tensor by tensor in the bf16 view, a slab of both sides at a time.
import { problem, ThreeGateError, type Problem } from '../../shared/errors.ts';
import { openTuned } from '../updates/tunedValues.ts';
import { throwIfCancelled } from '../analysis/tensorGeometry.ts';
import type { Checkpoint, StoredTensor, TensorPair } from '../checkpoint/checkpoint.ts';
import type { HearBytes, TensorValues } from '../checkpoint/tensorValues.ts';
import type { FileStretch } from '../files/rangeSource.ts';
import { stretchesOf } from '../kernels/stretches.ts';
import type { Gemm } from '../linalg/gemm.ts';
import { changedBits, isNonFinite } from '../updates/bf16View.ts';
import { slabs } from './baseReader.ts';
import { streamedBytes, wholeBytes } from './maskMaker.ts';
import type { MaskPorts } from './ports.ts';

/** Bits of both sides from element `first` on. */
interface BothSides {
  first: number;
  before: Uint16Array;
  after: Uint16Array;
}

export class TunedUpdate {
  private readonly pairs: Map<string, TensorPair>;
  private readonly reasons: Map<string, Problem>;

  constructor(
    private readonly ports: Pick<MaskPorts, 'pairCheckpoints' | 'prepareUpdate'>,
    private readonly values: TensorValues,
    base: Checkpoint,
    readonly tuned: Checkpoint,
    private readonly openGemm: () => Promise<Gemm>,
    private readonly signal: AbortSignal,
  ) {
    const { pairs, notCompared } = ports.pairCheckpoints(base, tuned);
    // Embeddings may answer a head as well, under the head's name.
    const own = pairs.filter(({ name, base: { name: ofBase } }) => name === ofBase);
    this.pairs = new Map(own.map((pair) => [pair.name, pair]));
    this.reasons = new Map(notCompared.map(({ name, reason }) => [name, reason]));
  }

  /** Bytes per element of the tensor in work: an adapter's update is made ready from the whole base. */
  get workingBytes(): number {
    return this.tuned.adapter === undefined ? streamedBytes : wholeBytes;
  }

  /** What answers the whole of a base's tensor; else why nothing does. */
  pairOf({ name, elements, file }: StoredTensor): TensorPair | Problem {
    const pair = this.pairs.get(name);
    if (pair?.elements === elements) return pair;
    const why = `${this.tuned.info.path} has no tensor of the name and shape of ${name}.`;
    return this.reasons.get(name) ?? problem('only-in-base', why, { file, tensor: name });
  }

  /** What is read of the tuned side's tensor from elsewhere; of an adapter nothing but its factors is. */
  stretches(tensor: StoredTensor): FileStretch[] {
    const pair = this.pairOf(tensor);
    if ('code' in pair || pair.tuned.adapter !== undefined) return [];
    return stretchesOf(pair.tuned, 0, pair.elements);
  }

  /** Slab by slab; `hear` is told the base's stored bytes. */
  async *slabs(pair: TensorPair, hear?: HearBytes): AsyncGenerator<BothSides> {
    const readTuned = await openTuned(pair, this.values, async ({ tuned }, adapter, readBase) =>
      this.ports.prepareUpdate(tuned, adapter, readBase, await this.openGemm()),
    );
    for (const { area, first, count } of slabs(pair.base.shape)) {
      throwIfCancelled(this.signal);
      const before = await this.values.readBf16(pair.base, first, count, hear);
      yield { first, before, after: await readTuned(area) };
    }
  }
  /**
   * Visits, by index, every element of a base's tensor that changed; returns how many are NaN or infinite on a side, which
   * count as unchanged. Rejects where nothing answers the tensor.
   */
  async changed(
    tensor: StoredTensor,
    eta: number,
    visit: (index: number) => void,
    hear?: HearBytes,
  ): Promise<number> {
    const pair = this.pairOf(tensor);
    if ('code' in pair) throw ThreeGateError.from(pair);
    const differs = changedBits(eta);
    let strange = 0;
    for await (const { first, before, after } of this.slabs(pair, hear)) {
      for (let i = 0; i < before.length; i++) {
        const [w, v] = [before[i]!, after[i]!];
        if (isNonFinite(w) || isNonFinite(v)) strange += 1;
        else if (w !== v && differs(w, v)) visit(first + i);
      }
    }
    return strange;
  }
}
