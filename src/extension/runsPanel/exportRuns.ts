// Saving what several runs have in common as a file of the user's choice.
import * as vscode from 'vscode';
import { runsMarkdown } from '../../shared/text/runsMarkdown.ts';
import type { RunsReport } from '../../shared/report/runsReport.ts';
import { runsCsv } from '../../shared/text/runsTables.ts';

export type RunsFormat = 'json' | 'md' | 'csv';

const formats: Record<RunsFormat, { title: string; write: (report: RunsReport) => string }> = {
  json: { title: 'JSON', write: (report) => `${JSON.stringify(report, null, 2)}\n` },
  md: { title: 'Markdown', write: runsMarkdown },
  csv: { title: 'CSV', write: runsCsv },
};

/** Asks where to, and shows the file that was written. */
export async function exportRuns(report: RunsReport, format: RunsFormat): Promise<void> {
  const { title, write } = formats[format];
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri ?? vscode.Uri.file(report.base.path);
  const name = `three-gate-runs-of-${report.base.label.replaceAll(/[^\w.-]+/g, '-')}.${format}`;
  const target = await vscode.window.showSaveDialog({
    defaultUri: vscode.Uri.joinPath(folder, name),
    filters: { [title]: [format] },
  });
  if (target === undefined) return;
  await vscode.workspace.fs.writeFile(target, Buffer.from(write(report)));
  await vscode.window.showTextDocument(target, { preview: false });
}
