// The real Gate II engine for tests: dist/linalg.wasm and ONNX Runtime.
import { readFileSync } from 'node:fs';
import type { GeometryEngine, GeometryOptions } from '../../src/engine/gates/geometry.ts';
import { DenseKernels } from '../../src/engine/linalg/denseKernels.ts';
import { createGemm } from '../../src/node/gemm/createGemm.ts';
import type { GemmChoice } from '../../src/shared/options.ts';

export async function geometryEngine(choice: GemmChoice, threads = 2): Promise<GeometryEngine> {
  const { gemm } = await createGemm(choice, threads);
  return { gemm, dense: denseKernels() };
}

export function denseKernels(): DenseKernels {
  return new DenseKernels(new WebAssembly.Module(readFileSync('dist/linalg.wasm')));
}

export const geometryOptions: GeometryOptions = {
  rank: 128,
  alpha: 0.3,
  eta: 1e-3,
  seed: 20_251_108,
  residualTolerance: 1e-6,
  fullSpectrum: false,
  profile: 'default',
};
