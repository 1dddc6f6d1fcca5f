// Everything that speaks of training configs in the text editor, on the languages that they are written in.
import * as vscode from 'vscode';
import type { ReportStore } from '../../node/runs/reportStore.ts';
import { AdvisedDocuments } from './advisedDocuments.ts';
import { registerConfigDiagnostics } from './configDiagnostics.ts';
import { ConfigHover } from './configHover.ts';
import { registerFindingsPage } from './explainFinding.ts';
import { FindingActions } from './findingActions.ts';

const languages = ['yaml', 'json', 'jsonc', 'toml', 'shellscript'];

export function registerDiagnostics(reports: ReportStore, log: vscode.LogOutputChannel): vscode.Disposable[] {
  const advised = new AdvisedDocuments(reports, log);
  const configs = languages.map((language) => ({ language, scheme: 'file' }));
  advised.refreshAll();
  return [
    new vscode.Disposable(() => {
      advised.dispose();
    }),
    registerConfigDiagnostics(advised),
    registerFindingsPage(),
    vscode.languages.registerCodeActionsProvider(configs, new FindingActions(advised), {
      providedCodeActionKinds: FindingActions.kinds,
    }),
    vscode.languages.registerHoverProvider(configs, new ConfigHover(advised)),
  ];
}
