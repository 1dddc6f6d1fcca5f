// The mask of one matrix, one byte per element: 1 where it may be trained. The two sets and their edges are those of
// Gate II (gates/maskedMatrix.ts), so a mask holds exactly the elements that an analysis counts:
//   low            |w| ≤ t, t the smallest value with at least α·n elements
//   principal      |W⁽ᵏ⁾| ≥ s, s the largest value with at least α·n elements
//   rlvr           low ∪ ¬principal            (arXiv 2511.08567)
// Cost: a decomposition, two rank-k products over panels of rows, and four elementwise passes.
import type { MaskKind } from '../../shared/maskReport.ts';
import { decomposeBase, type GeometryOptions } from '../gates/geometry.ts';
import { MaskedMatrix } from '../gates/maskedMatrix.ts';
import type { DenseKernels } from '../linalg/denseKernels.ts';
import type { Gemm } from '../linalg/gemm.ts';

export interface MaskMatrixOptions extends Pick<GeometryOptions, 'rank' | 'seed' | 'residualTolerance'> {
  kind: MaskKind;
  alpha: number;
}

/** Fills `out` (rows·columns); gives the k used, null where none was needed. `base` is float32, finite, row-major. */
export async function maskMatrix(
  base: Float32Array,
  rows: number,
  columns: number,
  options: MaskMatrixOptions,
  dense: DenseKernels,
  openGemm: () => Promise<Gemm>,
  out: Uint8Array,
): Promise<number | null> {
  const { kind, alpha } = options;
  const matrix = new MaskedMatrix(dense.panels, { base, rows, columns, alpha });
  const bits = new Uint32Array(base.buffer, base.byteOffset, base.length);
  if (kind === 'low' || kind === 'rlvr') markLow(bits, await matrix.lowBits(), out);
  else out.fill(0);
  if (kind === 'low') return null;
  const gemm = await openGemm();
  const factors = await decomposeBase(base, rows, columns, options, { gemm, dense });
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
