// What reads from elsewhere, put together: consent, token and the engines that are told of both.
import { join } from 'node:path';
import type * as vscode from 'vscode';
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

/** `createEngine`: a fresh engine; whoever asked disposes of it. */
export function remoteServices(
  { extensionUri, secrets, globalState }: vscode.ExtensionContext,
  log: vscode.LogOutputChannel,
): { createEngine: () => EngineApi; remote: RemoteServices } {
  const token = new HubToken(secrets);
  const consent = new RemoteConsent(globalState);
  const createEngine = engineFactory(join(extensionUri.fsPath, 'dist', 'engine.cjs'), log, (paths) =>
    engineEnvironment(paths, { ...readProxy(), token: () => token.read() }, process.env),
  );
  return { createEngine, remote: { consent, reader: new RemoteReader(consent, createEngine), token } };
}
