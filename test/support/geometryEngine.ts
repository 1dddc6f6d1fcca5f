// The real Gate II engine for tests: dist/linalg.wasm and ONNX Runtime; and pairs as an analysis hands them over.
import { readFileSync } from 'node:fs';
import type { GeometryEngine, GeometryOptions, MatrixPair } from '../../src/engine/gates/geometry.ts';
import type { MatrixSides } from '../../src/engine/gates/matrixSides.ts';
import type { PairStorage } from '../../src/engine/gates/sizeMatched.ts';
import type { DenseKernels } from '../../src/engine/linalg/denseKernels.ts';
import { layoutOf, rankFor, type MatrixLayout } from '../../src/engine/linalg/layout.ts';
import { openLinalgKernels, type LinalgKernels } from '../../src/engine/linalg/linalgKernels.ts';
import { Workspace } from '../../src/engine/linalg/workspace.ts';
import { createGemm } from '../../src/node/gemm/createGemm.ts';
import type { GemmChoice } from '../../src/shared/options/options.ts';

export async function geometryEngine(choice: GemmChoice, threads = 2): Promise<GeometryEngine> {
  const { gemm } = await createGemm(choice, threads);
  return { ...linalgKernels(), gemm, workspace: new Workspace(), collect: () => undefined };
}

export function linalgKernels(): LinalgKernels {
  return openLinalgKernels(new WebAssembly.Module(readFileSync('dist/linalg.wasm')));
}

export function denseKernels(): DenseKernels {
  return linalgKernels().dense;
}

/** A pair of which rank k ≤ `rank` is wanted. */
export function matrixPair(
  sides: MatrixSides,
  [rows, columns]: readonly [rows: number, columns: number],
  storage: PairStorage | null,
  rank = 128,
): MatrixPair {
  const layout = layoutOf(rows, columns, rankFor(rows, columns, rank), 'packed' in sides);
  return { ...sides, layout, storage };
}

export const geometryOptions: GeometryOptions = {
  alpha: 0.3,
  eta: 1e-3,
  seed: 20_251_108,
  residualTolerance: 1e-6,
  fullSpectrum: false,
  profile: 'default',
};

/** The same pair, its triplets searched in a Krylov space, however small it is. */
export function searchedPair(pair: MatrixPair): MatrixPair {
  return { ...pair, layout: searchedLayout(pair.layout) };
}

export function searchedLayout(layout: MatrixLayout): MatrixLayout {
  const way = layout.isVeryTall ? 'gram' : layout.transposedElements > 0 ? 'transposed' : 'direct';
  return { ...layout, triplets: way };
}
