// The linear-algebra kernels as they lie beside the bundles, in dist/.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openLinalgKernels, type LinalgKernels } from '../../engine/linalg/linalgKernels.ts';

export async function openKernels(folder: string): Promise<LinalgKernels> {
  return openLinalgKernels(new WebAssembly.Module(await readFile(join(folder, 'linalg.wasm'))));
}
