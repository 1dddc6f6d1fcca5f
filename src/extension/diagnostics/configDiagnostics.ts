// Findings and unreadable values as diagnostics on the exact key.
import * as vscode from 'vscode';
import type { Finding, SourceLocation } from '../../shared/report/training.ts';
import { settingsSection } from '../settings/optionsOfSettings.ts';
import { readFlag } from '../settings/readOptions.ts';
import type { AdvisedDocuments } from './advisedDocuments.ts';
import { placedProblem } from './configAdvice.ts';
import { isShown } from './disabledFindings.ts';

export const diagnosticSource = 'Three-Gate';

export function registerConfigDiagnostics(advised: AdvisedDocuments): vscode.Disposable {
  const collection = vscode.languages.createDiagnosticCollection('threeGate');
  const show = (document: vscode.TextDocument): void => {
    collection.set(document.uri, diagnosticsOf(document, advised));
  };
  return vscode.Disposable.from(
    collection,
    advised.onDidChange(show),
    advised.onDidForget((uri) => {
      collection.delete(uri);
    }),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (!event.affectsConfiguration(settingsSection)) return;
      for (const document of vscode.workspace.textDocuments) {
        if (advised.of(document) !== null) show(document);
      }
    }),
  );
}

function diagnosticsOf(document: vscode.TextDocument, advised: AdvisedDocuments): vscode.Diagnostic[] {
  const advice = advised.of(document);
  if (advice === null || !readFlag('diagnostics')) return [];
  const { findings, problems } = advice.evidence;
  const ofFindings = findings.filter(isShown).map((finding) => {
    const said = finding.evidence === null ? finding.message : `${finding.message}\n${finding.evidence}`;
    const diagnostic = new vscode.Diagnostic(rangeOf(document, finding.location), said, severityOf(finding));
    diagnostic.source = diagnosticSource;
    diagnostic.code = finding.id;
    return diagnostic;
  });
  const ofProblems = problems.flatMap(({ message, code }) => {
    const placed = placedProblem(message, document.fileName);
    if (placed === null) return [];
    const range = rangeOf(document, placed.location);
    const diagnostic = new vscode.Diagnostic(range, placed.sentence, vscode.DiagnosticSeverity.Warning);
    diagnostic.source = diagnosticSource;
    diagnostic.code = code;
    return [diagnostic];
  });
  return [...ofFindings, ...ofProblems];
}

function severityOf({ severity }: Finding): vscode.DiagnosticSeverity {
  return severity === 'warning' ? vscode.DiagnosticSeverity.Warning : vscode.DiagnosticSeverity.Information;
}

/** The place in the document; one without length is the word that stands there. */
export function rangeOf(document: vscode.TextDocument, location: SourceLocation | null): vscode.Range {
  const start = document.validatePosition(
    new vscode.Position((location?.line ?? 1) - 1, (location?.column ?? 1) - 1),
  );
  const length = location?.length ?? 0;
  if (length > 0) return document.validateRange(new vscode.Range(start, start.translate(0, length)));
  return document.getWordRangeAtPosition(start, /\S+/) ?? new vscode.Range(start, start);
}
