// The real world behind an analysis: files, worker threads, ONNX Runtime and the machine, composed for one run.
import { createHash } from 'node:crypto';
import { availableParallelism, totalmem } from 'node:os';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FactorMemory } from '../../engine/updates/factorMemory.ts';
import { prepareUpdate } from '../../engine/updates/prepareUpdate.ts';
import type { AnalysisPorts } from '../../engine/analysis/ports.ts';
import { RunMemory, type ResultStore } from '../../engine/analysis/runMemory.ts';
import { listCheckpoint } from '../../engine/opening/listCheckpoint.ts';
import { openCheckpoint } from '../../engine/opening/openCheckpoint.ts';
import { pairCheckpoints } from '../../engine/pairing/pairing.ts';
import type { LinalgKernels } from '../../engine/linalg/linalgKernels.ts';
import { exportMask } from '../../engine/masks/exportMask.ts';
import type { MaskPorts } from '../../engine/masks/ports.ts';
import { compareRuns } from '../../engine/runs/compareRuns.ts';
import { readTraining } from '../../engine/trainingConfig/readTraining.ts';
import type { CheckpointListing, MaskRequest, RunsRequest } from '../../shared/protocol/engineProtocol.ts';
import type { MaskReport } from '../../shared/report/maskReport.ts';
import type { RunsReport } from '../../shared/report/runsReport.ts';
import { createDecomposer, usualLanes } from '../workers/decomposer.ts';
import { openKernels } from '../workers/openKernels.ts';
import { DiskCache, defaultCacheBytes } from '../disk/diskCache.ts';
import type { Watch } from './engineServer.ts';
import { createGemm } from '../gemm/createGemm.ts';
import { nodeFileSystem } from '../disk/nodeFileSystem.ts';
import { openOutput } from '../disk/outputFile.ts';
import { version } from './version.ts';
import { createWorkerStreamer } from '../workers/workerStreamer.ts';

/** dist/: the engine's bundle lies beside the kernels it loads. */
const folder = dirname(fileURLToPath(import.meta.url));

export function openPorts(log: AnalysisPorts['log'], cacheDirectory: string | null): AnalysisPorts {
  let kernels: Promise<LinalgKernels> | null = null;
  const factors = new FactorMemory(nodeFileSystem);
  return {
    machine: {
      version,
      threads: availableParallelism(),
      totalMemoryBytes: totalmem(),
      // Kilobytes on every system that Node.js runs on.
      peakRssBytes: () => process.resourceUsage().maxRSS * 1024,
    },
    openCheckpoint: (path) => openCheckpoint(nodeFileSystem, path),
    pairCheckpoints,
    readTraining: ({ folder: tunedFolder }, { info }, configPaths) =>
      readTraining(nodeFileSystem, tunedFolder, { configPaths, basePath: info.path }),
    openStreamer: (threads) => createWorkerStreamer({ threads, folder }),
    openGemm: createGemm,
    openDecomposer: (gemm, threads) => createDecomposer({ gemm, threads, folder, lanes: usualLanes }),
    async prepareUpdate(tensor, update, base, gemm) {
      kernels ??= openKernels(folder);
      const { dense } = await kernels;
      return await prepareUpdate({ fileSystem: nodeFileSystem, gemm, dense, factors }, tensor, update, base);
    },
    openMemory(options) {
      if (cacheDirectory === null) return null;
      const cache = new DiskCache(cacheDirectory, (message) => {
        log('warning', message);
      });
      void cache.prune(defaultCacheBytes);
      return new RunMemory(cache, nodeFileSystem, options);
    },
    log,
  };
}

/** Writes the masks of a base; see engine/masks. */
export function writeMask(
  request: MaskRequest,
  runId: string,
  { onProgress, onEngine, signal }: Watch,
): Promise<MaskReport> {
  const ports = openPorts(() => undefined, null);
  const mask: MaskPorts = {
    ...ports,
    openGemm: tellingGemm(ports, onEngine),
    files: nodeFileSystem,
    openKernels: () => openKernels(folder),
    openOutput: (path) => openOutput(path, runId),
    openHash() {
      const hash = createHash('sha256');
      return { update: (bytes) => void hash.update(bytes), digest: () => hash.digest('hex') };
    },
  };
  return exportMask(request, mask, onProgress, signal);
}

/** Compares runs of one base; see engine/runs. Without a cache, what is decomposed once is remembered in memory. */
export function runsTogether(
  request: RunsRequest,
  log: AnalysisPorts['log'],
  { onProgress, onEngine, signal }: Watch,
): Promise<RunsReport> {
  const ports = openPorts(log, request.cacheDirectory);
  const kept = new Map<string, unknown>();
  const store: ResultStore = {
    get: (key) => Promise.resolve(kept.get(key) ?? null),
    put: (key, value) => Promise.resolve(void kept.set(key, value)),
    digest: (bytes) => createHash('sha256').update(bytes).digest('hex'),
  };
  const openMemory: AnalysisPorts['openMemory'] = (options) =>
    ports.openMemory(options) ?? new RunMemory(store, nodeFileSystem, options);
  const openGemm = tellingGemm(ports, onEngine);
  const world = { ...ports, openMemory, openGemm, files: nodeFileSystem };
  return compareRuns(request, world, onProgress, signal);
}

/** Says which matrix library was opened, so that a crash in it can be told from any other. */
function tellingGemm(
  { openGemm, machine }: Pick<AnalysisPorts, 'openGemm' | 'machine'>,
  onEngine: Watch['onEngine'],
): AnalysisPorts['openGemm'] {
  return async (choice, threads) => {
    const opened = await openGemm(choice, threads);
    const { kind, library } = opened.gemm;
    const { fallbackReason } = opened;
    const engine = { version, gemm: kind, gemmLibrary: library, fallbackReason, threads };
    onEngine({ ...engine, memoryBytes: machine.totalMemoryBytes });
    return opened;
  };
}

export function inspectCheckpoint(path: string): Promise<CheckpointListing> {
  return listCheckpoint(nodeFileSystem, path);
}
