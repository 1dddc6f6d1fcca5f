// An analysis in this thread, and the most memory that it held: array buffers and WebAssembly memories that somebody still
// refers to. The collector is run before every look, so the number says nothing of when it would have run by itself.
import { join, resolve } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { runAnalysis } from '../../src/engine/analysis/runAnalysis.ts';
import { allHere } from './allHere.ts';
import type { Gemm } from '../../src/engine/linalg/gemm.ts';
import { analysisPorts } from '../../src/node/engine/analysisPorts.ts';
import { createDecomposer } from '../../src/node/workers/decomposer.ts';
import { createWorkerStreamer } from '../../src/node/workers/workerStreamer.ts';
import type { AnalysisOptions } from '../../src/shared/options/options.ts';
import type { Report } from '../../src/shared/report/report.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
const folder = resolve('dist');
/** Between two looks: a collection throws away optimised code as well, so an analysis that is looked at crawls. */
const lookEveryMs = 150;

interface Held {
  report: Report;
  /** Most bytes at any look, less what was there before. */
  peakBytes: number;
}

/** With one thread, matrices are decomposed in this one. */
export async function analyzeWatched(path: string, options: AnalysisOptions): Promise<Held> {
  const signal = new AbortController().signal;
  const request = {
    runId: 'watched',
    basePath: join(path, 'base'),
    tunedPath: join(path, 'tuned'),
    options,
    configPaths: null,
    cacheDirectory: null,
  };
  const ports = await analysisPorts(() => undefined, request, signal);
  const before = liveBytes();
  let peakBytes = 0;
  let nextMs = 0;
  const look = (): void => {
    if (performance.now() < nextMs) return;
    peakBytes = Math.max(peakBytes, liveBytes() - before);
    nextMs = performance.now() + lookEveryMs;
  };
  const timer = setInterval(look, lookEveryMs);
  try {
    const report = await runAnalysis(
      request,
      {
        ...ports,
        openStreamer: (threads) => createWorkerStreamer({ threads, folder, bytes: allHere }),
        openGemm: async (...choice) => {
          const opened = await ports.openGemm(...choice);
          return { ...opened, gemm: watched(opened.gemm, look) };
        },
        openDecomposer: (gemm, threads) => createDecomposer({ gemm, threads, folder, lanes: 'threads' }),
      },
      () => undefined,
      signal,
    );
    return { report, peakBytes };
  } finally {
    clearInterval(timer);
  }
}

function watched(gemm: Gemm, look: () => void): Gemm {
  return {
    kind: gemm.kind,
    library: gemm.library,
    get elapsedMs() {
      return gemm.elapsedMs;
    },
    get operations() {
      return gemm.operations;
    },
    multiply32(...product) {
      look();
      return gemm.multiply32(...product);
    },
    multiply64(...product) {
      look();
      return gemm.multiply64(...product);
    },
    close: () => gemm.close(),
  };
}

function liveBytes(): number {
  // What a collection freed is subtracted by the next one.
  collect();
  collect();
  return process.memoryUsage().external;
}
