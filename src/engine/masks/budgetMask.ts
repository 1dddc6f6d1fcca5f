// Masks from the base alone: shares of every matrix by |w| and by its rank-k reconstruction (maskMatrix.ts).
// Memory: the tensor as float32 and what its decomposition takes.
import { budgetsOf, type BudgetMask } from '../../shared/report/maskReport.ts';
import { throwIfCancelled } from '../analysis/tensorGeometry.ts';
import type { LinalgKernels } from '../linalg/linalgKernels.ts';
import { Workspace } from '../linalg/workspace.ts';
import { notNeeded, wholeBytes, type MadeMask, type MaskMaker } from './maskMaker.ts';
import { maskMatrix } from './maskMatrix.ts';
import type { MaskStep } from './maskPlan.ts';
import type { MaskTools } from './maskTools.ts';

export class BudgetMaker implements MaskMaker {
  readonly needs = { matricesOnly: true, workingBytes: wholeBytes };
  readonly description: MaskMaker['description'];
  readonly metadata: Record<string, string>;
  readonly problems = [];
  private kernels: LinalgKernels | null = null;
  private readonly workspace = new Workspace();

  constructor(
    private readonly spec: BudgetMask,
    private readonly tools: MaskTools,
  ) {
    const { kind, preset } = spec;
    const [principal, low] = (['principal', 'low'] as const).map((set) => budgetsOf[kind].includes(set));
    const rank = principal ? spec.rank : null;
    const alphaPrincipal = principal ? spec.alphaPrincipal : null;
    const alphaLow = low ? spec.alphaLow : null;
    this.description = { ...notNeeded, preset, rank, alphaPrincipal, alphaLow };
    this.metadata = {
      ...(preset === null ? {} : { preset }),
      ...(rank === null ? {} : { rank: String(rank) }),
      ...(alphaPrincipal === null ? {} : { alpha_principal: String(alphaPrincipal) }),
      ...(alphaLow === null ? {} : { alpha_low: String(alphaLow) }),
    };
  }

  /** The base alone is read. */
  stretches(): [] {
    return [];
  }

  async make({ tensor, view }: MaskStep): Promise<MadeMask> {
    const { base, content } = await this.tools.reader.whole(tensor);
    const mask = new Uint8Array(tensor.elements);
    const { rows, columns, count } = view;
    this.kernels ??= await this.tools.ports.openKernels();
    const kernels = { ...this.kernels, workspace: this.workspace };
    let rank: number | null = null;
    for (let index = 0; index < count; index++) {
      throwIfCancelled(this.tools.signal);
      const [from, to] = [index * rows * columns, (index + 1) * rows * columns];
      const out = mask.subarray(from, to);
      const matrix = { values: base.subarray(from, to), rows, columns };
      rank = await maskMatrix(matrix, this.spec, kernels, this.tools.openGemm, out);
    }
    return { mask, rank, content };
  }
}
