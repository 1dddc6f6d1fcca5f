// What an analysis remembers between runs: finished tensors, so that an interrupted run goes on where it stopped, and
// the base's decompositions, so that a second tuned checkpoint of the same base costs only its own side.
// Entries are keyed by content (file size, modification time, place in the file, a hash of sampled bytes) and by every
// option that can change a number; a recalled entry gives the same report as measuring again. Losing one costs time only.
import type { AnalysisOptions } from '../../shared/options/options.ts';
import type { EngineInfo } from '../../shared/report/report.ts';
import { tensorsOf, type AdapterUpdate } from '../checkpoint/adapterUpdate.ts';
import type { PreparedUpdate } from '../updates/prepareUpdate.ts';
import type { StoredTensor } from '../checkpoint/checkpoint.ts';
import type { FileSystem } from '../files/fileSystem.ts';
import { tensorsOf as partsOf } from '../checkpoint/packed/packedWeight.ts';
import type { BaseMemory, MeasuredMatrix } from '../gates/geometry.ts';
import type { Kept } from '../linalg/keptTriplets.ts';
import type { StreamTotals } from '../kernels/tensorStreamer.ts';
import { packTotals, unpackTotals, type PackedTotals } from './packedTotals.ts';
import type { Step } from './step.ts';

/** Raise when a metric's definition or an entry's shape changes. */
const memoryVersion = 14;
const samples = 4;
const sampleBytes = 4096;
/** Tensors without a decomposition are remembered from this size on; smaller ones are as quick to read as to recall. */
const worthRemembering = 1 << 22;

/** A store of plain values under hexadecimal keys. Neither method rejects: what cannot be read or kept is absent. */
export interface ResultStore {
  get(key: string): Promise<unknown>;
  put(key: string, value: unknown): Promise<void>;
  /** A collision-resistant hash, hexadecimal. */
  digest(bytes: Uint8Array): string;
}

export interface RememberedTensor {
  totals: StreamTotals;
  /** What an adapter did to it; null where its tuned side is stored. */
  adapter: PreparedUpdate['report'] | null;
  /** Null when the tensor was not decomposed; entries are null for matrices that are equal on both sides. */
  parts: (MeasuredMatrix | null)[] | null;
  /** What decomposed it; null when nothing did. */
  engine: Pick<EngineInfo, 'gemm' | 'gemmLibrary'> | null;
}

interface Entry extends Omit<RememberedTensor, 'totals'> {
  totals: PackedTotals;
}

export class AnalysisMemory {
  private readonly prints = new Map<StoredTensor, Promise<string>>();

  constructor(
    private readonly store: ResultStore,
    private readonly files: FileSystem,
    private readonly options: AnalysisOptions,
  ) {}

  async recall(step: Step): Promise<RememberedTensor | null> {
    if (!remembers(step)) return null;
    const entry = (await this.store.get(await this.tensorKey(step))) as Entry | null;
    return entry && { ...entry, totals: unpackTotals(entry.totals) };
  }

  async remember(step: Step, found: RememberedTensor): Promise<void> {
    if (!remembers(step)) return;
    const entry: Entry = { ...found, totals: packTotals(found.totals) };
    await this.store.put(await this.tensorKey(step), entry);
  }

  /** The base decomposition of one matrix of a tensor. */
  base({ pair, matrices }: Step, index: number): BaseMemory {
    const { rank, seed, residualTolerance, engine } = this.options;
    const key = async (): Promise<string> =>
      this.key('triplets', [
        await this.fingerprint(pair.base),
        [matrices?.rows, matrices?.columns, index],
        { rank, seed, residualTolerance, engine },
      ]);
    return {
      recall: async () => (await this.store.get(await key())) as Kept | null,
      remember: async (triplets) => this.store.put(await key(), triplets),
    };
  }

  private async tensorKey({ pair, matrices, angleCurve }: Step): Promise<string> {
    const { rank, alpha, eta, seed, residualTolerance, fullSpectrum, profile, engine } = this.options;
    const sides = [await this.fingerprint(pair.base), await this.fingerprint(pair.tuned)];
    const view = matrices && { rows: matrices.rows, columns: matrices.columns, count: matrices.count };
    const shape = [pair.shape, view, angleCurve];
    return this.key('tensor', [
      sides,
      shape,
      { rank, alpha, eta, seed, residualTolerance, fullSpectrum, profile, engine },
    ]);
  }

  private key(kind: string, content: unknown): string {
    return this.store.digest(new TextEncoder().encode(JSON.stringify([memoryVersion, kind, content])));
  }

  private fingerprint(tensor: StoredTensor): Promise<string> {
    const known = this.prints.get(tensor) ?? this.print(tensor);
    this.prints.set(tensor, known);
    return known;
  }

  /** An adapter's update by its factors and by all that says how they are used. */
  private async printUpdate(update: AdapterUpdate): Promise<string> {
    const factors = factorsOf(update).map(async (factor) => factor && (await this.print(factor)));
    const { method } = update;
    const scaling = update.kind === 'rows' ? null : update.scaling;
    return this.key('update', [method, scaling, useOf(update), await Promise.all(factors)]);
  }

  private async print(tensor: StoredTensor): Promise<string> {
    const { pieces, adapter, view, ...whole } = tensor;
    if (view !== undefined) {
      const from = whole.offset + (pieces === undefined ? (view.first * whole.bytes) / whole.elements : 0);
      const stored = { ...whole, offset: from, ...(pieces && { pieces }) };
      return this.key('view', [view, await this.print(stored)]);
    }
    if (adapter !== undefined) return this.printUpdate(adapter);
    if (pieces !== undefined) {
      const width = whole.bytes / whole.elements;
      const parts = pieces.parts.map(({ columns, ...place }) => {
        const elements = pieces.rows * columns;
        return this.print({ ...whole, ...place, elements, bytes: elements * width });
      });
      return this.key('pieces', [pieces.rows, await Promise.all(parts)]);
    }
    const { file, offset, dtype, shape, scale, scaleBlock, packed } = tensor;
    if (packed !== undefined) {
      const parts = await Promise.all(partsOf(packed).map((part) => this.print(part)));
      const { scheme, codeBits, firstNibble, group, post, transposed, scaling } = packed;
      const nested = scaling.kind === 'nested' ? [scaling.group, scaling.offset] : null;
      const how = [scheme, codeBits, firstNibble, group, post, transposed, scaling.kind, nested];
      return this.key('packed', [how, shape, parts]);
    }
    const { bytes } = tensor;
    const status = await this.files.stat(file);
    const scales = scale === null ? null : await this.print(scale);
    if (status?.identity !== undefined) {
      return this.key('identity', [status.identity, offset, bytes, dtype, shape, scales, scaleBlock]);
    }
    const length = Math.min(sampleBytes, Math.ceil(bytes / samples));
    const sampled = new Uint8Array(samples * length);
    const source = await this.files.open(file);
    try {
      for (let sample = 0; sample < samples && length > 0; sample++) {
        const from = offset + Math.floor(((bytes - length) * sample) / (samples - 1));
        await source.read(from, sampled.subarray(sample * length, (sample + 1) * length));
      }
    } finally {
      await source.close();
    }
    const place = [status?.size, status?.modifiedMs, offset, bytes, dtype, shape];
    return this.key('content', [place, this.store.digest(sampled), scales, scaleBlock]);
  }
}

/** How an update uses its factors. */
function useOf(update: AdapterUpdate): unknown {
  switch (update.kind) {
    case 'bias':
      return null;
    case 'low-rank':
      return [update.rank, update.transposed, update.baseChange];
    case 'rows':
      return update.indices;
    case 'stack':
      return update.blocks.map(({ a, b, ...block }) => [
        block,
        [a.tensor.name, a.first, a.step, b.tensor.name, b.first, b.step],
      ]);
  }
}

function factorsOf(update: AdapterUpdate): (StoredTensor | null)[] {
  if (update.kind !== 'low-rank') return tensorsOf(update);
  const { a, b, magnitude, initial } = update;
  return [a, b, magnitude, initial?.a ?? null, initial?.b ?? null];
}

function remembers({ pair, matrices }: Step): boolean {
  return matrices !== null || pair.base.bytes + pair.tuned.bytes >= worthRemembering;
}
