// Saving a report as a file of the user's choice.
import * as vscode from 'vscode';
import type { Report } from '../../shared/report/report.ts';
import { reportJson } from '../../shared/text/reportJson.ts';
import { reportCsv } from '../../shared/text/reportCsv.ts';
import { verdictMarkdown } from '../../shared/text/verdictMarkdown.ts';
import { reportMarkdown } from '../../shared/text/reportMarkdown.ts';
import { fileNameOf, saveText } from './saveText.ts';

type ExportFormat = 'json' | 'csv' | 'md';

const formats: Record<ExportFormat, { title: string; write: (report: Report) => string }> = {
  json: { title: 'JSON', write: reportJson },
  csv: { title: 'CSV', write: reportCsv },
  md: { title: 'Markdown', write: reportMarkdown },
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
  // A JSON of that name opens as a panel again.
  const ending = chosen === 'json' ? 'threegate.json' : chosen;
  const { path, label } = report.pair.tuned;
  const name = `three-gate-${fileNameOf(label)}.${ending}`;
  await saveText({ name, title, folder: path, text: write(report) });
}

/** Puts the verdict and the gates on the clipboard, as Markdown. */
export async function copyVerdict(report: Report | null): Promise<void> {
  if (report === null) return;
  await vscode.env.clipboard.writeText(verdictMarkdown(report));
  vscode.window.setStatusBarMessage(vscode.l10n.t('The verdict was copied as Markdown.'), 5000);
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
