// The page of findings as a Markdown preview: whole, or one finding's section.
import * as vscode from 'vscode';
import page from '../../engine/trainingConfig/FINDINGS.md';

const scheme = 'threegate-findings';

/** Serves the page's text; nothing is written to disk. */
export function registerFindingsPage(): vscode.Disposable {
  return vscode.workspace.registerTextDocumentContentProvider(scheme, {
    provideTextDocumentContent: ({ query }) => sectionOf(query) ?? page,
  });
}

/** @param id of a finding; anything else shows the whole page */
export async function explainFinding(id: unknown): Promise<void> {
  const known = typeof id === 'string' && sectionOf(id) !== null ? id : '';
  const path = known === '' ? '/Findings.md' : `/${known}.md`;
  const uri = vscode.Uri.from({ scheme, path, query: known });
  await vscode.commands.executeCommand('markdown.showPreview', uri);
}

/** The Markdown section under `### <id>`. */
function sectionOf(id: string): string | null {
  const section = page
    .split(/^(?=##+ )/m)
    .find((part) => part.slice(0, part.indexOf('\n')).trim() === `### ${id}`);
  return section ?? null;
}
