// One export at work: has the mask of a tensor made, holds it against an update, writes it, and keeps the list of what the
// base held.
import { problem, ThreeGateError, type Problem } from '../../shared/errors.ts';
import type { MaskRequest } from '../../shared/protocol/engineProtocol.ts';
import { maskDefinitions } from '../../shared/report/maskReport.ts';
import type { StoredTensor } from '../checkpoint/checkpoint.ts';
import type { MaskFile } from './maskFile.ts';
import type { MadeMask, MaskMaker } from './maskMaker.ts';
import type { MaskStep } from './maskPlan.ts';
import type { MaskTools } from './maskTools.ts';
import type { TunedUpdate } from './tunedUpdate.ts';
import { countOverlap, noOverlap, type OverlapCounts } from './overlap.ts';
import type { ContentHash } from './ports.ts';
import type { ReportBuilder } from './reportBuilder.ts';

export class MaskRun {
  private readonly contents: ContentHash;

  constructor(
    private readonly request: MaskRequest,
    private readonly maker: MaskMaker,
    private readonly against: TunedUpdate | null,
    private readonly tools: MaskTools,
  ) {
    this.contents = tools.ports.openHash();
  }

  metadata(baseSha256: string): Record<string, string> {
    const { mask, exclude } = this.request;
    return {
      format: 'pt',
      kind: mask.kind,
      definition: maskDefinitions[mask.kind],
      ...this.maker.metadata,
      ...(exclude.length === 0 ? {} : { exclude: exclude.join(',') }),
      base_sha256: baseSha256,
      three_gate_version: this.tools.ports.machine.version,
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
    let made: MadeMask;
    try {
      made = await this.maker.make(step);
    } catch (error) {
      if (this.tools.signal.aborted || isNotOfTensor(error)) throw error;
      report.leftOut.push({ name, elements, reason: reasonOf(error, tensor) });
      return;
    }
    const { mask, rank, content } = made;
    const { overlap, unread } = await this.heldAgainst(tensor, mask);
    // Whoever cannot write has no mask at all: that is not the tensor's fault.
    await file.add(name, shape, mask);
    this.contents.update(new TextEncoder().encode(`${content}  ${name}\n`));
    const place = { container, layer, module };
    report.add({ name, shape, ...place, elements, trainable: countOnes(mask), rank }, overlap, unread);
  }

  /** The mask stands without it: an update that cannot be read costs the overlap, not the mask. */
  private async heldAgainst(
    tensor: StoredTensor,
    mask: Uint8Array,
  ): Promise<{ overlap: OverlapCounts | null; unread: string | null }> {
    const pair = this.against?.pairOf(tensor) ?? null;
    if (this.against === null || pair === null || 'code' in pair) return { overlap: null, unread: null };
    const overlap = noOverlap();
    try {
      for await (const { first, before, after } of this.against.slabs(pair)) {
        countOverlap(overlap, mask, first, before, after, this.request.eta);
      }
      return { overlap, unread: null };
    } catch (error) {
      if (this.tools.signal.aborted || isNotOfTensor(error)) throw error;
      return { overlap: null, unread: reasonOf(error, pair.tuned).message };
    }
  }
}

function countOnes(mask: Uint8Array): number {
  let ones = 0;
  for (let i = 0; i < mask.length; i++) ones += mask[i]!;
  return ones;
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
