// What an analysis needs of the world, in this process: kernels and lanes from the built folder.
import { FactorMemory } from '../../src/engine/updates/factorMemory.ts';
import { prepareUpdate } from '../../src/engine/updates/prepareUpdate.ts';
import type { AnalysisPorts } from '../../src/engine/analysis/ports.ts';
import { nodeFileSystem } from '../../src/node/disk/nodeFileSystem.ts';
import { analysisPorts } from '../../src/node/engine/analysisPorts.ts';
import { createDecomposer } from '../../src/node/workers/decomposer.ts';
import { openKernels } from '../../src/node/workers/openKernels.ts';
import { createWorkerStreamer } from '../../src/node/workers/workerStreamer.ts';
import { defaultOptions } from '../../src/shared/options/catalogue.ts';
import { allHere } from './allHere.ts';

const folder = 'dist';

export async function portsInThreads(): Promise<AnalysisPorts> {
  const request = {
    runId: 'here',
    basePath: '',
    tunedPath: '',
    options: defaultOptions,
    configPaths: null,
    cacheDirectory: null,
  };
  const ports = await analysisPorts(() => undefined, request, new AbortController().signal);
  const factors = new FactorMemory(nodeFileSystem);
  return {
    ...ports,
    openStreamer: (threads) => createWorkerStreamer({ threads, folder, bytes: allHere }),
    openDecomposer: (gemm, threads, atOnce) =>
      createDecomposer({ gemm, threads, atOnce, folder, lanes: 'threads' }),
    async prepareUpdate(tensor, update, base, gemm) {
      const { dense } = await openKernels(folder);
      return await prepareUpdate({ fileSystem: nodeFileSystem, gemm, dense, factors }, tensor, update, base);
    },
  };
}
