// Broken limits of the pairs that were shown, as diagnostics where they are written: in the pair file, or in the limits file that it
// names. They go when a limit holds, when its text changes with no panel there to judge it anew, and with the document.
import * as vscode from 'vscode';
import type { LimitResult } from '../../shared/report/limitsReport.ts';
import { readingSentence } from '../../shared/text/limitsTables.ts';
import type { PanelSession } from '../pairEditor/panelSession.ts';
import type { SessionRegistry } from '../pairEditor/sessionRegistry.ts';
import { readFlag } from '../settings/readOptions.ts';
import { diagnosticSource } from './configDiagnostics.ts';

export class LimitDiagnostics {
  private readonly collection = vscode.languages.createDiagnosticCollection('threeGateLimits');
  /** By the address of the pair. */
  private readonly broken = new Map<string, readonly LimitResult[]>();
  private readonly subscriptions: { dispose: () => unknown }[];
  private published = '';

  constructor(sessions: SessionRegistry) {
    this.subscriptions = [
      this.collection,
      sessions.onDidChange(() => {
        for (const session of sessions.all) this.take(session);
        this.publish();
      }),
      vscode.workspace.onDidCloseTextDocument(({ uri }) => {
        this.forget(uri);
      }),
      vscode.workspace.onDidChangeTextDocument(({ document: { uri } }) => {
        if (!sessions.all.some(({ document }) => document.uri.toString() === uri.toString()))
          this.forget(uri);
      }),
    ];
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  private take({ document, report, isAdHoc }: PanelSession): void {
    // While an analysis is under way, what was known of the one before stays.
    if (isAdHoc || report === null || report.status === 'running') return;
    const found = report.limits?.limits.filter(({ standing }) => standing === 'broken') ?? [];
    this.broken.set(document.uri.toString(), found);
  }

  private forget(uri: vscode.Uri): void {
    if (this.broken.delete(uri.toString())) this.publish();
  }

  private publish(): void {
    const limits = readFlag('diagnostics') ? [...this.broken.values()].flat() : [];
    const text = JSON.stringify(limits);
    // Sessions change with every bit of progress.
    if (text === this.published) return;
    this.published = text;
    this.collection.clear();
    for (const file of new Set(limits.map((limit) => limit.file))) {
      const own = limits.filter((limit) => limit.file === file);
      this.collection.set(vscode.Uri.file(file), own.map(diagnosticOf));
    }
  }
}

function diagnosticOf(limit: LimitResult): vscode.Diagnostic {
  const { text, line, column, broken, judged } = limit;
  const [reading] = broken;
  const start = new vscode.Position(line - 1, column - 1);
  // With its quotes.
  const range = new vscode.Range(start, start.translate(0, text.length + 2));
  const where = broken.length > 1 ? ` (${broken.length} of ${judged} places break it)` : '';
  const said = reading === undefined ? text : readingSentence(limit, reading);
  const diagnostic = new vscode.Diagnostic(range, `${said}${where}.`, vscode.DiagnosticSeverity.Error);
  diagnostic.source = diagnosticSource;
  diagnostic.code = 'limit';
  return diagnostic;
}
