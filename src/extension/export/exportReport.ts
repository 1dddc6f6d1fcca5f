// Saving a report as a file of the user's choice.
import { fileURLToPath } from 'node:url';
import * as vscode from 'vscode';
import { reportHtml } from '../../node/disk/reportHtml.ts';
import type { Report } from '../../shared/report/report.ts';
import { exportName } from '../../shared/text/exportName.ts';
import { reportJson } from '../../shared/text/reportJson.ts';
import { reportCsv } from '../../shared/text/reportCsv.ts';
import { reportMarkdown } from '../../shared/text/reportMarkdown.ts';

type ExportFormat = 'json' | 'csv' | 'md' | 'html';

/** The built pages lie beside the bundle of the extension. */
const pages = fileURLToPath(new URL('webview', import.meta.url));

const formats: Record<ExportFormat, { title: string; write: (report: Report) => string | Promise<string> }> =
  {
    json: { title: 'JSON', write: reportJson },
    csv: { title: 'CSV', write: reportCsv },
    md: { title: 'Markdown', write: reportMarkdown },
    html: { title: 'HTML', write: (report) => reportHtml(report, pages) },
  };

/** Asks where to, and shows the file that was written. Without a format it is asked for. */
export async function exportReport(report: Report | null, format?: ExportFormat): Promise<void> {
  if (report === null) {
    void vscode.window.showInformationMessage(vscode.l10n.t('There is no report to export yet.'));
    return;
  }
  const chosen = format ?? (await chooseFormat());
  if (chosen === undefined) return;
  const { title, write } = formats[chosen];
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri ?? vscode.Uri.file(report.pair.tuned.path);
  // A JSON of that name opens as a panel again.
  const ending = chosen === 'json' ? 'threegate.json' : chosen;
  const name = exportName(report, ending);
  const target = await vscode.window.showSaveDialog({
    defaultUri: vscode.Uri.joinPath(folder, name),
    filters: { [title]: [chosen] },
  });
  if (target === undefined) return;
  await vscode.workspace.fs.writeFile(target, Buffer.from(await write(report)));
  // A page is for a browser.
  if (chosen === 'html') await vscode.commands.executeCommand('revealInExplorer', target);
  else await vscode.window.showTextDocument(target, { preview: false });
}

async function chooseFormat(): Promise<ExportFormat | undefined> {
  const items = (Object.keys(formats) as ExportFormat[]).map((format) => ({
    label: formats[format].title,
    format,
  }));
  const chosen = await vscode.window.showQuickPick(items, {
    placeHolder: vscode.l10n.t('Format of the report'),
  });
  return chosen?.format;
}
