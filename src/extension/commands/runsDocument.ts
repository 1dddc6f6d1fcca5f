// The result of Compare Runs… as a read-only Markdown document, shown rendered.
import * as vscode from 'vscode';
import { runsMarkdown } from '../../shared/runsMarkdown.ts';
import type { RunsReport } from '../../shared/runsReport.ts';

const scheme = 'threegate-runs';
const documents = new Map<string, string>();
let shown = 0;

export function registerRunsDocuments(): vscode.Disposable {
  return vscode.workspace.registerTextDocumentContentProvider(scheme, {
    provideTextDocumentContent: ({ path }) => documents.get(path) ?? vscode.l10n.t('Compare the runs again.'),
  });
}

export async function showRunsReport(report: RunsReport): Promise<void> {
  shown += 1;
  const uri = vscode.Uri.from({
    scheme,
    path: `/Runs of ${report.base.label.replaceAll(/[/\\]/g, '∕')} ${shown}.md`,
  });
  documents.set(uri.path, runsMarkdown(report));
  await vscode.commands.executeCommand('markdown.showPreview', uri);
}
