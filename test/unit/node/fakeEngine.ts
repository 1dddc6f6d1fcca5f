// An engine process over fake ports; the test bundles and forks it. What it does is named by the base path.
import { serveEngine, type Watch } from '../../../src/node/engine/engineServer.ts';
import { processChannel } from '../../../src/node/engine/processChannel.ts';
import type { GemmChoice } from '../../../src/shared/options/options.ts';
import type { MaskReport } from '../../../src/shared/report/maskReport.ts';
import type { RunsReport } from '../../../src/shared/report/runsReport.ts';
import { followParent } from '../../../src/node/workers/followParent.ts';
import { fakePorts, matrix } from '../analysis/fakes.ts';

const tensors = [matrix(0, 'q', 8, 8), matrix(1, 'q', 8, 8)];

/** Keeps the event loop from everything, messages included. */
function blockForever(): void {
  for (;;) Math.random();
}

/** The native library's end of a mask or a comparison: `/native` within it, `/exit` before it. Of a result only what tells. */
async function multiply(basePath: string, engine: GemmChoice, { onEngine }: Watch): Promise<void> {
  if (basePath === '/exit') process.exit(7);
  if (engine === 'wasm') return;
  const names = { version: '1.2.3', gemmLibrary: 'fake', fallbackReason: null };
  onEngine({ ...names, gemm: 'native', threads: 1, memoryBytes: 1 });
  // The event is on its way before anything happens.
  await new Promise((resolve) => setTimeout(resolve, 100));
  process.kill(process.pid, 'SIGILL');
  await new Promise(() => undefined);
}

followParent();
serveEngine(processChannel(process), {
  version: '1.2.3',
  openPorts() {
    let what = '';
    const ports = fakePorts({
      tensors,
      onStream: async ({ layer }) => {
        if (layer === 0) return;
        // The first layer's events are on their way before anything happens.
        await new Promise((resolve) => setTimeout(resolve, 300));
        if (what === '/block') blockForever();
        if (what === '/slow') await new Promise((resolve) => setTimeout(resolve, 100));
        if (what === '/crash') {
          process.stderr.write('first words\nFATAL ERROR: no more heap\n', () => process.abort());
          await new Promise(() => undefined);
        }
        if (what === '/exit') process.exit(7);
        if (what === '/kill') process.kill(process.pid, 'SIGKILL');
      },
    });
    const open = ports.openCheckpoint;
    return Promise.resolve({
      ...ports,
      openCheckpoint: (path: string) => {
        if (path !== '/tuned') what = path;
        return open(path);
      },
    });
  },
  inspect: () => Promise.reject(new Error('unexpected')),
  weightFiles: () => Promise.reject(new Error('unexpected')),
  analyzeShard: () => Promise.reject(new Error('unexpected')),
  planShards: () => Promise.reject(new Error('unexpected')),
  mergeShards: () => Promise.reject(new Error('unexpected')),
  exportMask: async ({ basePath, engine }, _runId, _log, watch) => {
    await multiply(basePath, engine, watch);
    return { engine: { gemm: 'wasm' } } as unknown as MaskReport;
  },
  compareRuns: async ({ basePath, analysis }, _log, watch) => {
    await multiply(basePath, analysis.engine, watch);
    return { problems: [] } as unknown as RunsReport;
  },
});
