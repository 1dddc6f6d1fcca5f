// An engine process over fake ports; the test bundles and forks it. What it does is named by the base path.
import { serveEngine } from '../../../src/node/engine/engineServer.ts';
import { processChannel } from '../../../src/node/engine/processChannel.ts';
import { followParent } from '../../../src/node/workers/followParent.ts';
import { fakePorts, matrix } from '../analysis/fakes.ts';

const tensors = [matrix(0, 'q', 8, 8), matrix(1, 'q', 8, 8)];

/** Keeps the event loop from everything, messages included. */
function blockForever(): void {
  for (;;) Math.random();
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
    return {
      ...ports,
      openCheckpoint: (path) => {
        if (path !== '/tuned') what = path;
        return open(path);
      },
    };
  },
  inspect: () => Promise.reject(new Error('unexpected')),
  exportMask: () => Promise.reject(new Error('unexpected')),
  compareRuns: () => Promise.reject(new Error('unexpected')),
});
