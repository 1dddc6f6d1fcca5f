// The mask of one matrix, one byte per element: 1 where it may be trained. The two sets and their edges are those of
// Gate II (gates/maskedMatrix.ts), so a mask holds exactly the elements that an analysis counts:
//   low            |w| ≤ t, t the smallest value with at least α_low·n elements
//   principal      |W⁽ᵏ⁾| ≥ s, s the largest value with at least α_principal·n elements
//   rlvr           low ∪ ¬principal            (arXiv 2511.08567)
// Cost: a decomposition, two rank-k products over panels of rows, and four elementwise passes.
import type { BudgetMask } from '../../shared/report/maskReport.ts';
import { defaultOptions } from '../../shared/options/catalogue.ts';
import { decomposeBase } from '../gates/geometry.ts';
import { MaskedMatrix } from '../gates/maskedMatrix.ts';
import type { Gemm } from '../linalg/gemm.ts';
import { layoutOf, rankFor } from '../linalg/layout.ts';
import type { LinalgKernels } from '../linalg/linalgKernels.ts';
import type { Workspace } from '../linalg/workspace.ts';

/** float32, finite, row-major. */
interface BaseMatrix {
  values: Float32Array;
  rows: number;
  columns: number;
}

/** Fills `out` (rows·columns); gives the k used, null where none was needed. */
export async function maskMatrix(
  { values: base, rows, columns }: BaseMatrix,
  spec: BudgetMask,
  kernels: LinalgKernels & { workspace: Workspace },
  openGemm: () => Promise<Gemm>,
  out: Uint8Array,
): Promise<number | null> {
  const { kind, alphaPrincipal, alphaLow } = spec;
  const within = (alpha: number): MaskedMatrix =>
    new MaskedMatrix(kernels.histograms, { base, packed: null, rows, columns, alpha }, null);
  const bits = new Uint32Array(base.buffer, base.byteOffset, base.length);
  if (kind === 'low' || kind === 'rlvr') markLow(bits, await within(alphaLow).lowBits(), out);
  else out.fill(0);
  if (kind === 'low') return null;
  const gemm = await openGemm();
  const { seed, residualTolerance } = defaultOptions;
  const layout = layoutOf(rows, columns, rankFor(rows, columns, spec.rank), false);
  const search = { seed, residualTolerance };
  const factors = await decomposeBase(base, layout, search, { ...kernels, gemm });
  const matrix = within(alphaPrincipal);
  const limit = await matrix.principalBits(gemm, factors);
  await matrix.reconstructed(gemm, factors, (part, from) => {
    const magnitudes = new Uint32Array(part.buffer, part.byteOffset, part.length);
    markPrincipal(magnitudes, limit, kind !== 'principal', out.subarray(from, from + part.length));
  });
  return factors.rank;
}

function markLow(bits: Uint32Array, limit: number, out: Uint8Array): void {
  for (let i = 0; i < bits.length; i++) out[i] = (bits[i]! & 0x7fffffff) <= limit ? 1 : 0;
}

/** Adds the principal elements, or with `others` all but those. */
function markPrincipal(bits: Uint32Array, limit: number, others: boolean, out: Uint8Array): void {
  for (let i = 0; i < bits.length; i++) {
    if ((bits[i]! & 0x7fffffff) >= limit !== others) out[i] = 1;
  }
}
