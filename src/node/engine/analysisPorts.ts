// The real world behind an analysis: files, worker threads, ONNX Runtime and the machine, composed for one run.
import { createHash } from 'node:crypto';
import { setPriority } from 'node:os';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FactorMemory } from '../../engine/updates/factorMemory.ts';
import { prepareUpdate } from '../../engine/updates/prepareUpdate.ts';
import type { AnalysisPorts } from '../../engine/analysis/ports.ts';
import { AnalysisMemory, type ResultStore } from '../../engine/analysis/analysisMemory.ts';
import type { FileSystem } from '../../engine/files/fileSystem.ts';
import { listCheckpoint } from '../../engine/opening/listCheckpoint.ts';
import { listWeightFiles } from '../../engine/opening/listWeightFiles.ts';
import { pairCheckpoints } from '../../engine/pairing/pairing.ts';
import type { LinalgKernels } from '../../engine/linalg/linalgKernels.ts';
import { exportMask } from '../../engine/masks/exportMask.ts';
import type { MaskPorts } from '../../engine/masks/ports.ts';
import { compareRuns, type RunsPorts } from '../../engine/runs/compareRuns.ts';
import { readTraining } from '../../engine/trainingConfig/readTraining.ts';
import type {
  AnalyzeRequest,
  CheckpointListing,
  MaskRequest,
  RunsRequest,
  WeightFiles,
} from '../../shared/protocol/engineProtocol.ts';
import type { MaskReport } from '../../shared/report/maskReport.ts';
import type { RunsReport } from '../../shared/report/runsReport.ts';
import { createDecomposer, usualLanes } from '../workers/decomposer.ts';
import { openKernels } from '../workers/openKernels.ts';
import { DiskCache } from '../disk/diskCache.ts';
import type { Watch } from './engineServer.ts';
import { createGemm } from '../gemm/createGemm.ts';
import { openHash } from '../disk/openHash.ts';
import { openOutput } from '../disk/outputFile.ts';
import { RunFiles } from '../remote/runFiles.ts';
import { PacedBytes } from './pacedBytes.ts';
import { memoryAllowed, threadsAllowed } from './allowance.ts';
import { version } from './version.ts';
import { createWorkerStreamer } from '../workers/workerStreamer.ts';

/** dist/: the engine's bundle lies beside the kernels it loads. */
const folder = dirname(fileURLToPath(import.meta.url));

interface PortsRequest {
  cacheDirectory: string | null;
  /** Most that may be read from elsewhere; null = any. */
  remoteLimitBytes: number | null;
  /** Of weights; null or absent = as fast as the disk. */
  readBytesPerSecond?: number | null;
  run: RunFiles;
}

export function openPorts(
  log: AnalysisPorts['log'],
  { cacheDirectory, remoteLimitBytes, readBytesPerSecond = null, run }: PortsRequest,
): AnalysisPorts {
  let kernels: Promise<LinalgKernels> | null = null;
  const factors = new FactorMemory(run.files);
  const bytes = readBytesPerSecond === null ? run.bytes : new PacedBytes(run.bytes, readBytesPerSecond);
  return {
    machine: {
      version,
      threads: threadsAllowed(process.env),
      totalMemoryBytes: memoryAllowed(),
      // Kilobytes on every system that Node.js runs on.
      peakRssBytes: () => process.resourceUsage().maxRSS * 1024,
    },
    openCheckpoint: (path) => run.openCheckpoint(path),
    pairCheckpoints,
    readTraining: ({ folder: tunedFolder }, { info }, configPaths) =>
      readTraining(run.files, tunedFolder, { configPaths, basePath: info.path }),
    announce: (stretches) =>
      run.announce(stretches, remoteLimitBytes, (message) => {
        log('info', message);
      }),
    openStreamer: (threads) => createWorkerStreamer({ threads, folder, bytes }),
    openGemm: createGemm,
    openDecomposer: (gemm, threads, atOnce) =>
      createDecomposer({ gemm, threads, atOnce, folder, lanes: usualLanes }),
    async prepareUpdate(tensor, update, base, gemm) {
      kernels ??= openKernels(folder);
      const { dense } = await kernels;
      return await prepareUpdate({ fileSystem: run.files, gemm, dense, factors }, tensor, update, base);
    },
    openMemory(options) {
      if (cacheDirectory === null) return null;
      const cache = new DiskCache(cacheDirectory, (message) => {
        log('warning', message);
      });
      void cache.prune(1e9 * options.cacheGigabytes);
      return new AnalysisMemory(cache, run.files, options);
    },
    close() {
      run.close();
    },
    log,
  };
}

/** The ports of an analysis; without a cache directory nothing is remembered. */
export async function analysisPorts(
  log: AnalysisPorts['log'],
  request: AnalyzeRequest,
  signal: AbortSignal,
): Promise<AnalysisPorts> {
  return (await openAnalysis(log, request, signal)).ports;
}

/** The same, and the files that they read. */
export async function openAnalysis(
  log: AnalysisPorts['log'],
  request: AnalyzeRequest,
  signal: AbortSignal,
): Promise<{ ports: AnalysisPorts; run: RunFiles }> {
  const cacheDirectory = request.options.useCache ? request.cacheDirectory : null;
  const keepBytes = 1e9 * request.options.remoteCacheGigabytes;
  const run = await RunFiles.open(cacheDirectory, keepBytes, signal);
  const { remoteLimitBytes = 0, readBytesPerSecond = null, niceness = 0 } = request;
  // Worker threads have the priority of the thread that starts them.
  if (niceness > 0) setPriority(niceness);
  return { ports: openPorts(log, { cacheDirectory, remoteLimitBytes, readBytesPerSecond, run }), run };
}

/** Writes the masks of a base; see engine/masks. */
export async function writeMask(
  request: MaskRequest,
  runId: string,
  log: AnalysisPorts['log'],
  { onProgress, onEngine, signal }: Watch,
): Promise<MaskReport> {
  const run = await RunFiles.passing(signal);
  const { remoteLimitBytes = 0 } = request;
  const ports = openPorts(log, { cacheDirectory: null, remoteLimitBytes, run });
  const mask: MaskPorts = {
    ...ports,
    openGemm: tellingGemm(ports, onEngine),
    files: run.files,
    openKernels: () => openKernels(folder),
    openOutput: (path) => openOutput(path, runId),
    openHash,
  };
  try {
    return await exportMask(request, mask, onProgress, signal);
  } finally {
    run.close();
  }
}

/** Compares runs of one base; see engine/runs. Without a cache, what is decomposed once is remembered in memory. */
export async function runsTogether(
  request: RunsRequest,
  log: AnalysisPorts['log'],
  { onProgress, onEngine, signal }: Watch,
): Promise<RunsReport> {
  const keepBytes = 1e9 * request.analysis.remoteCacheGigabytes;
  const run = await RunFiles.open(request.cacheDirectory, keepBytes, signal);
  const { cacheDirectory, remoteLimitBytes = 0 } = request;
  const ports = openPorts(log, { cacheDirectory, remoteLimitBytes, run });
  const kept = new Map<string, unknown>();
  const store: ResultStore = {
    get: (key) => Promise.resolve(kept.get(key) ?? null),
    put: (key, value) => Promise.resolve(void kept.set(key, value)),
    digest: (bytes) => createHash('sha256').update(bytes).digest('hex'),
  };
  const openMemory: AnalysisPorts['openMemory'] = (options) =>
    ports.openMemory(options) ?? new AnalysisMemory(store, run.files, options);
  const openGemm = tellingGemm(ports, onEngine);
  const openStreamer: RunsPorts['openStreamer'] = (threads) =>
    createWorkerStreamer({ threads, folder, bytes: run.bytes });
  const world: RunsPorts = {
    ...ports,
    openMemory,
    openGemm,
    openStreamer,
    files: run.files,
    openKernels: () => openKernels(folder),
  };
  try {
    // A folder of checkpoints is listed before any of them is opened.
    const basePath = await run.mount(request.basePath);
    const runPaths = await Promise.all(request.runPaths.map((path) => run.mount(path)));
    return await compareRuns({ ...request, basePath, runPaths }, world, onProgress, signal);
  } finally {
    run.close();
  }
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
  return looking(path, listCheckpoint);
}

export function weightFilesIn(path: string): Promise<WeightFiles> {
  return looking(path, listWeightFiles);
}

/** A look that keeps nothing of what it read. */
async function looking<Found>(
  path: string,
  look: (files: FileSystem, path: string) => Promise<Found>,
): Promise<Found> {
  const run = await RunFiles.passing(new AbortController().signal);
  try {
    return await look(run.files, await run.mount(path));
  } finally {
    run.close();
  }
}
