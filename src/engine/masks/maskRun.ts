// One export at work: reads a tensor, masks its matrices, holds the mask against an update, and hashes what it read.
import { problem, ThreeGateError, type Problem } from '../../shared/errors.ts';
import type { MaskRequest } from '../../shared/engineProtocol.ts';
import { formatCount } from '../../shared/format.ts';
import { maskDefinitions, type MaskReport } from '../../shared/maskReport.ts';
import { openTuned } from '../adapters/tunedValues.ts';
import type { OpenedGemm } from '../analysis/ports.ts';
import { throwIfCancelled } from '../analysis/tensorGeometry.ts';
import type { Checkpoint, StoredTensor, TensorPair } from '../checkpoint/checkpoint.ts';
import { TensorValues } from '../checkpoint/tensorValues.ts';
import { cut, gridOf, type Rectangle } from '../kernels/chunkPlan.ts';
import type { DenseKernels } from '../linalg/denseKernels.ts';
import type { Gemm } from '../linalg/gemm.ts';
import type { MaskFile } from './maskFile.ts';
import { maskMatrix } from './maskMatrix.ts';
import type { MaskStep } from './maskPlan.ts';
import { countOverlap, noOverlap, type OverlapCounts } from './overlap.ts';
import type { ContentHash, MaskPorts } from './ports.ts';
import type { ReportBuilder } from './reportBuilder.ts';

/** Elements read at once. */
const slabElements = 1 << 20;

export class MaskRun {
  private readonly contents: ContentHash;
  private readonly values: TensorValues;
  private readonly pairs: Map<string, TensorPair>;
  private readonly threads: number;
  private opened: OpenedGemm | null = null;
  private dense: DenseKernels | null = null;

  constructor(
    private readonly request: MaskRequest,
    private readonly ports: MaskPorts,
    base: Checkpoint,
    tuned: Checkpoint | null,
    private readonly signal: AbortSignal,
  ) {
    this.contents = ports.openHash();
    this.values = new TensorValues(ports.files);
    this.threads = request.threads ?? ports.machine.threads;
    const pairs = tuned === null ? [] : ports.pairCheckpoints(base, tuned).pairs;
    this.pairs = new Map(pairs.map((pair) => [pair.base.name, pair]));
  }

  metadata(baseSha256: string): Record<string, string> {
    const { kind, rank, alpha } = this.request;
    return {
      format: 'pt',
      kind,
      definition: maskDefinitions[kind],
      rank: String(rank),
      alpha: String(alpha),
      base_sha256: baseSha256,
      three_gate_version: this.ports.machine.version,
    };
  }

  /** Of the list `<SHA-256 of its stored bytes>  <name>\n` over the tensors written so far. Call once. */
  baseSha256(): string {
    return this.contents.digest();
  }

  /** Masks one tensor and writes it, or leaves it out with the reason. */
  async tensor(step: MaskStep, file: MaskFile, report: ReportBuilder): Promise<void> {
    const { tensor, container, layer, module } = step;
    const { name, shape, elements } = tensor;
    let mask: Uint8Array;
    let rank: number | null;
    let content: string;
    try {
      const found = await this.read(tensor);
      content = found.content;
      mask = new Uint8Array(elements);
      rank = await this.mask(step, found.base, mask);
    } catch (error) {
      if (this.signal.aborted || isNotOfTensor(error)) throw error;
      report.leftOut.push({ name, elements, reason: reasonOf(error, tensor) });
      return;
    }
    const { overlap, unread } = await this.heldAgainst(step, mask);
    // Whoever cannot write has no mask at all: that is not the tensor's fault.
    await file.add(name, shape, mask);
    this.contents.update(new TextEncoder().encode(`${content}  ${name}\n`));
    const place = { container, layer, module };
    report.add({ name, shape, ...place, elements, trainable: countOnes(mask), rank }, overlap, unread);
  }

  engineInfo(): MaskReport['engine'] {
    return {
      version: this.ports.machine.version,
      gemm: this.opened?.gemm.kind ?? 'none',
      gemmLibrary: this.opened?.gemm.library ?? 'none',
      fallbackReason: this.opened?.fallbackReason ?? null,
      threads: this.threads,
      memoryBytes: this.ports.machine.totalMemoryBytes,
    };
  }

  async close(): Promise<void> {
    await this.values.close();
    await this.opened?.gemm.close();
  }

  /** The tensor as float32, and the SHA-256 of its stored bytes (an F8 weight's scales behind them). */
  private async read(tensor: StoredTensor): Promise<{ base: Float32Array; content: string }> {
    const base = new Float32Array(tensor.elements);
    const hash = this.ports.openHash();
    for (const { first, count } of slabs(tensor.shape)) {
      throwIfCancelled(this.signal);
      await this.values.readFloat32(tensor, first, base.subarray(first, first + count), (bytes) => {
        hash.update(bytes);
      });
    }
    hash.update(await this.values.scaleBytes(tensor));
    const strange = countNonFinite(base);
    if (strange === 0) return { base, content: hash.digest() };
    throw new ThreeGateError(
      'not-numeric',
      `${tensor.name} has no mask: ${formatCount(strange)} of its elements are NaN or infinite, and a decomposition needs every element.`,
      { file: tensor.file, tensor: tensor.name },
    );
  }

  /** Matrix by matrix; the k used. */
  private async mask({ view }: MaskStep, base: Float32Array, mask: Uint8Array): Promise<number | null> {
    const { rows, columns, count } = view;
    this.dense ??= await this.ports.openDense();
    let rank: number | null = null;
    for (let index = 0; index < count; index++) {
      throwIfCancelled(this.signal);
      const [from, to] = [index * rows * columns, (index + 1) * rows * columns];
      const matrix = base.subarray(from, to);
      const out = mask.subarray(from, to);
      rank = await maskMatrix(matrix, rows, columns, this.request, this.dense, () => this.gemm(), out);
    }
    return rank;
  }

  /** The mask is the base's: an update that cannot be read costs the overlap, not the mask. */
  private async heldAgainst(
    { tensor }: MaskStep,
    mask: Uint8Array,
  ): Promise<{ overlap: OverlapCounts | null; unread: string | null }> {
    const pair = this.pairs.get(tensor.name);
    if (pair?.elements !== tensor.elements) return { overlap: null, unread: null };
    try {
      return { overlap: await this.overlap(pair, mask), unread: null };
    } catch (error) {
      if (this.signal.aborted || isNotOfTensor(error)) throw error;
      return { overlap: null, unread: reasonOf(error, pair.tuned).message };
    }
  }

  private async overlap(pair: TensorPair, mask: Uint8Array): Promise<OverlapCounts> {
    const counts = noOverlap();
    const readTuned = await openTuned(pair, this.values, async ({ tuned }, adapter, readBase) =>
      this.ports.prepareUpdate(tuned, adapter, readBase, await this.gemm()),
    );
    for (const { area, first, count } of slabs(pair.base.shape)) {
      throwIfCancelled(this.signal);
      const before = await this.values.readBf16(pair.base, first, count);
      countOverlap(counts, mask, first, before, await readTuned(area), this.request.eta);
    }
    return counts;
  }

  private async gemm(): Promise<Gemm> {
    this.opened ??= await this.ports.openGemm(this.request.engine, this.threads);
    return this.opened.gemm;
  }
}

function* slabs(shape: readonly number[]): Generator<{ area: Rectangle; first: number; count: number }> {
  const { rows, columns } = gridOf(shape);
  for (const area of cut({ firstRow: 0, rows, firstColumn: 0, columns }, slabElements)) {
    yield { area, first: area.firstRow * columns + area.firstColumn, count: area.rows * area.columns };
  }
}

function countOnes(mask: Uint8Array): number {
  let ones = 0;
  for (let i = 0; i < mask.length; i++) ones += mask[i]!;
  return ones;
}

function countNonFinite(values: Float32Array): number {
  let found = 0;
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i]!)) found += 1;
  return found;
}

/** Without a matrix engine, or with a defect in it, no tensor has a mask. */
function isNotOfTensor(error: unknown): boolean {
  return (
    error instanceof ThreeGateError && ['gemm-unavailable', 'gemm-self-check'].includes(error.problem.code)
  );
}

function reasonOf(error: unknown, { name, file }: StoredTensor): Problem {
  if (error instanceof ThreeGateError) return error.problem;
  const place = { file, tensor: name };
  if (error instanceof RangeError)
    return problem('out-of-memory', `${name} could not be masked: ${error.message}.`, place);
  const why = error instanceof Error ? error.message : String(error);
  return problem('internal', `${name} could not be masked: ${why}`, place);
}
