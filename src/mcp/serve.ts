// `three-gate mcp`: the tools over stdin and stdout, until the client goes. A bundle of its own, dist/mcp.cjs, which no other
// command loads.
import { join } from 'node:path';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { EngineClient } from '../node/engine/engineClient.ts';
import { surviving } from '../node/engine/surviving.ts';
import { confinement } from '../node/disk/confinedFileSystem.ts';
import { ReportStore } from '../node/runs/reportStore.ts';
import { RunService } from '../node/runs/runService.ts';
import { createServer } from './server.ts';

interface ServeOptions {
  /** The built engine; the schemas lie beside it. */
  enginePath: string;
  /** Folders that the user opened, beside those of the client; absolute. */
  roots: readonly string[];
  allowRemote: boolean;
  cacheDirectory: string;
  stdin: NodeJS.ReadStream;
  stdout: NodeJS.WriteStream;
  /** Hears of what the protocol has no place for. */
  onLog: (message: string) => void;
  /** Ends the server. */
  signal: AbortSignal;
}

/** Resolves when the client is gone or the signal was given. */
export async function serve(options: ServeOptions): Promise<void> {
  const { enginePath, cacheDirectory, stdin, stdout, onLog, signal } = options;
  const reports = new ReportStore(join(cacheDirectory, 'reports'));
  const confined = { folders: [] as readonly string[] };
  const createEngine = (): ReturnType<typeof surviving> =>
    surviving(
      new EngineClient({
        enginePath,
        environment: confinement(confined.folders),
        onLog: ({ message }) => {
          onLog(message);
        },
      }),
    );
  const runs = new RunService({
    createEngine,
    onComplete: (request, report) => {
      reports.remember(request, report).catch((error: unknown) => {
        onLog(`The result could not be kept: ${String(error)}`);
      });
    },
    // Whoever asked is gone for good.
    graceMs: 0,
  });
  const server = createServer({
    ...options,
    schemas: join(enginePath, '..'),
    createEngine,
    runs,
    reports,
    confined,
  });
  const gone = new Promise<void>((resolve) => {
    server.server.onclose = resolve;
  });
  const close = (): void => void server.close();
  signal.addEventListener('abort', close, { once: true });
  stdin.once('end', close).once('close', close);
  await server.connect(new StdioServerTransport(stdin, stdout));
  await gone;
  runs.dispose();
}
