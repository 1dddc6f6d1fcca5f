// Submit to Slurm… from the explorer, an editor's title or the palette: of the pair that was clicked, that is in front, or is picked.
import * as vscode from 'vscode';
import type { SessionRegistry } from '../pairEditor/sessionRegistry.ts';
import { adHocAddress } from '../pairs/pairLocation.ts';
import { pickPair } from '../picker/pickPair.ts';
import { submitPair } from '../shardFolder/submitPair.ts';
import type { CommandServices } from './commandServices.ts';

export async function submitToSlurm(
  services: CommandServices,
  sessions: SessionRegistry,
  clicked: unknown,
): Promise<void> {
  const known = clicked instanceof vscode.Uri ? clicked : sessions.active?.document.uri;
  const uri = known ?? (await pickedPair(services));
  if (uri !== undefined) await submitPair(services, uri);
}

async function pickedPair({ remote }: CommandServices): Promise<vscode.Uri | undefined> {
  const picked = await pickPair(remote.reader);
  return picked && vscode.Uri.from(adHocAddress({ ...picked, config: null, options: {} }));
}
