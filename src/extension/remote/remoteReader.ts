// Looks at checkpoints that lie elsewhere: after consent, through an engine of its own, with a word on what is going on.
import * as vscode from 'vscode';
import type { EngineApi } from '../../node/engine/engineApi.ts';
import type { CheckpointListing, WeightFiles } from '../../shared/protocol/engineProtocol.ts';
import type { RemoteConsent } from './remoteConsent.ts';

export class RemoteReader {
  constructor(
    private readonly consent: RemoteConsent,
    private readonly createEngine: () => EngineApi,
  ) {}

  /** Every tensor of the headers. */
  listing(address: string): Promise<CheckpointListing> {
    return this.look(address, (engine) => engine.inspect(address));
  }

  /** What can be opened there. */
  weightFiles(address: string): Promise<WeightFiles> {
    const title = vscode.l10n.t('Looking at {0}…', address);
    const location = vscode.ProgressLocation.Notification;
    return this.look(
      address,
      async (engine) =>
        await vscode.window.withProgress({ location, title }, () => engine.weightFiles(address)),
    );
  }

  private async look<Found>(address: string, ask: (engine: EngineApi) => Promise<Found>): Promise<Found> {
    await this.consent.require([address]);
    const engine = this.createEngine();
    try {
      return await ask(engine);
    } finally {
      engine.dispose();
    }
  }
}
