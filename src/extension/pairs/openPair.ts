// Opening a comparison in the pair editor, ad hoc or from a file.
import * as vscode from 'vscode';
import { pairViewType } from '../ids.ts';
import type { Pair } from '../../shared/pairFile.ts';
import { adHocAddress } from './pairLocation.ts';

/** Opens two checkpoints, named by absolute paths, without writing anything. */
export async function openAdHocPair(pair: Pair, column?: vscode.ViewColumn): Promise<void> {
  await openPairEditor(vscode.Uri.from(adHocAddress(pair)), column);
}

export async function openPairEditor(uri: vscode.Uri, column?: vscode.ViewColumn): Promise<void> {
  await vscode.commands.executeCommand('vscode.openWith', uri, pairViewType, {
    preview: false,
    ...(column === undefined ? {} : { viewColumn: column }),
  });
}

/** Closes the pair editors that show a document. */
export async function closePairEditors(uri: vscode.Uri): Promise<void> {
  const tabs = vscode.window.tabGroups.all
    .flatMap((group) => group.tabs)
    .filter(({ input }) => input instanceof vscode.TabInputCustom && input.uri.toString() === uri.toString());
  await vscode.window.tabGroups.close(tabs);
}
