// Which findings the user switched off, and switching one off.
import * as vscode from 'vscode';
import { rules } from '../../engine/trainingConfig/findings/findFindings.ts';
import type { Finding } from '../../shared/report/training.ts';
import { settingsSection } from '../settings/optionsOfSettings.ts';

const key = 'disabledFindings';

export function isShown({ id }: Finding): boolean {
  return !disabledIds().includes(id);
}

function disabledIds(): string[] {
  return vscode.workspace.getConfiguration(settingsSection).get<string[]>(key, []);
}

/** In the workspace's settings where there is a workspace: what is noise in one project may be news in another. */
export async function disableFinding(id: unknown): Promise<void> {
  if (!rules.some((rule) => rule.id === id) || typeof id !== 'string') return;
  const ids = [...new Set([...disabledIds(), id])].sort();
  const inWorkspace = vscode.workspace.workspaceFolders !== undefined;
  const target = inWorkspace ? vscode.ConfigurationTarget.Workspace : vscode.ConfigurationTarget.Global;
  await vscode.workspace.getConfiguration(settingsSection).update(key, ids, target);
}
