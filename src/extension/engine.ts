// The engine as this extension starts it: one process for each piece of work, told what that work needs of this editor once
// it is known what it reads; its words in the log.
import type * as vscode from 'vscode';
import type { EngineApi } from '../node/engine/engineApi.ts';
import { EngineClient } from '../node/engine/engineClient.ts';
import { ThreeGateError } from '../shared/errors.ts';

/** What a process is told beyond the environment of this one, where it reads these paths. */
type EnvironmentFor = (paths: readonly string[]) => Promise<Record<string, string>>;

/** @param enginePath `dist/engine.cjs` */
export function engineFactory(
  enginePath: string,
  log: vscode.LogOutputChannel,
  environmentFor: EnvironmentFor,
): () => EngineApi {
  return () =>
    new PreparedEngine(
      (environment) =>
        new EngineClient({
          enginePath,
          environment,
          onLog: ({ level, message }) => {
            if (level === 'error') log.error(message);
            else if (level === 'warning') log.warn(message);
            else log.info(message);
          },
        }),
      environmentFor,
    );
}

class PreparedEngine implements EngineApi {
  private client: EngineClient | null = null;
  private disposed = false;

  constructor(
    private readonly create: (environment: Record<string, string>) => EngineClient,
    private readonly environmentFor: EnvironmentFor,
  ) {}

  analyze: EngineApi['analyze'] = async (request, onEvent, signal) => {
    const client = await this.prepared([request.basePath, request.tunedPath]);
    return client.analyze(request, onEvent, signal);
  };

  analyzeShard: EngineApi['analyzeShard'] = async (request, onEvent, signal) => {
    const client = await this.prepared([request.basePath, request.tunedPath]);
    return client.analyzeShard(request, onEvent, signal);
  };

  planShards: EngineApi['planShards'] = async (request, signal) => {
    const client = await this.prepared([request.basePath, request.tunedPath]);
    return client.planShards(request, signal);
  };

  mergeShards: EngineApi['mergeShards'] = async (request, signal) => {
    const { basePath, tunedPath } = request;
    const client = await this.prepared([basePath, tunedPath].filter((path) => path !== null));
    return client.mergeShards(request, signal);
  };

  exportMask: EngineApi['exportMask'] = async (request, onEvent, signal) => {
    const { basePath, tunedPath } = request;
    const client = await this.prepared([basePath, ...(tunedPath === null ? [] : [tunedPath])]);
    return client.exportMask(request, onEvent, signal);
  };

  compareRuns: EngineApi['compareRuns'] = async (request, onEvent, signal) => {
    const client = await this.prepared([request.basePath, ...request.runPaths]);
    return client.compareRuns(request, onEvent, signal);
  };

  inspect: EngineApi['inspect'] = async (path) => (await this.prepared([path])).inspect(path);

  weightFiles: EngineApi['weightFiles'] = async (path) => (await this.prepared([path])).weightFiles(path);

  dispose(): void {
    this.disposed = true;
    this.client?.dispose();
  }

  /** The one client; that it may be disposed of while the environment is looked up is its end. */
  private async prepared(paths: readonly string[]): Promise<EngineClient> {
    if (this.client !== null) return this.client;
    const environment = await this.environmentFor(paths);
    if (this.disposed) throw new ThreeGateError('engine-crashed', 'The engine was shut down.');
    this.client ??= this.create(environment);
    return this.client;
  }
}
