// What reads from elsewhere, put together: consent, token and the engines that are told of both.
import { join } from 'node:path';
import type * as vscode from 'vscode';
import { confinement } from '../../node/disk/confinedFileSystem.ts';
import type { EngineApi } from '../../node/engine/engineApi.ts';
import { engineFactory } from '../engine.ts';
import { readProxy } from '../settings/readProxy.ts';
import { engineEnvironment } from './engineEnvironment.ts';
import { HubToken } from './hubToken.ts';
import { RemoteConsent } from './remoteConsent.ts';
import { RemoteReader } from './remoteReader.ts';

export interface RemoteServices {
  consent: RemoteConsent;
  reader: RemoteReader;
  token: HubToken;
}

interface EngineMakers {
  createEngine: () => EngineApi;
  createConfinedEngine: (folders: readonly string[]) => EngineApi;
}

/** Both make a fresh engine; whoever asked disposes of it. A confined one reads these folders alone. */
export function remoteServices(
  { extensionUri, secrets, globalState }: vscode.ExtensionContext,
  log: vscode.LogOutputChannel,
): EngineMakers & { remote: RemoteServices } {
  const token = new HubToken(secrets);
  const consent = new RemoteConsent(globalState);
  const enginePath = join(extensionUri.fsPath, 'dist', 'engine.cjs');
  const environmentFor = (paths: readonly string[]): Promise<Record<string, string>> =>
    engineEnvironment(paths, { ...readProxy(), token: () => token.read() }, process.env);
  const createEngine = engineFactory(enginePath, log, environmentFor);
  const createConfinedEngine = (folders: readonly string[]): EngineApi =>
    engineFactory(enginePath, log, async (paths) => ({
      ...(await environmentFor(paths)),
      ...confinement(folders),
    }))();
  return {
    createEngine,
    createConfinedEngine,
    remote: { consent, reader: new RemoteReader(consent, createEngine), token },
  };
}
