// What can be done about a finding where it is marked: the safe fix, its explanation, and switching it off.
import * as vscode from 'vscode';
import type { AdvisedDocuments } from './advisedDocuments.ts';
import { diagnosticSource, rangeOf } from './configDiagnostics.ts';

export class FindingActions implements vscode.CodeActionProvider {
  static readonly kinds = [vscode.CodeActionKind.QuickFix];
  private readonly advised: AdvisedDocuments;

  constructor(advised: AdvisedDocuments) {
    this.advised = advised;
  }

  provideCodeActions(
    document: vscode.TextDocument,
    _range: vscode.Range,
    { diagnostics }: vscode.CodeActionContext,
  ): vscode.CodeAction[] {
    const ours = diagnostics.filter(({ source }) => source === diagnosticSource);
    return ours.flatMap((diagnostic) => this.actionsFor(document, diagnostic));
  }

  private actionsFor(document: vscode.TextDocument, diagnostic: vscode.Diagnostic): vscode.CodeAction[] {
    const advice = this.advised.of(document);
    const finding = advice?.evidence.findings.find(({ id }) => id === diagnostic.code);
    if (advice === null || finding === undefined) return [];
    const actions: vscode.CodeAction[] = [];
    // A fix speaks of places, which typing moves: it waits until the text has been read again.
    if (finding.fix !== null && advice.version === document.version) {
      const fix = new vscode.CodeAction(finding.fix.title, vscode.CodeActionKind.QuickFix);
      fix.edit = new vscode.WorkspaceEdit();
      fix.edit.replace(document.uri, rangeOf(document, finding.fix.location), finding.fix.newValue);
      fix.diagnostics = [diagnostic];
      fix.isPreferred = true;
      actions.push(fix);
    }
    const explain = new vscode.CodeAction(
      vscode.l10n.t('Explain {0}', finding.id),
      vscode.CodeActionKind.QuickFix,
    );
    explain.command = { command: 'threeGate.explainFinding', title: explain.title, arguments: [finding.id] };
    const disable = new vscode.CodeAction(
      vscode.l10n.t('Switch off {0}', finding.id),
      vscode.CodeActionKind.QuickFix,
    );
    disable.command = { command: 'threeGate.disableFinding', title: disable.title, arguments: [finding.id] };
    for (const action of [explain, disable]) action.diagnostics = [diagnostic];
    return [...actions, explain, disable];
  }
}
