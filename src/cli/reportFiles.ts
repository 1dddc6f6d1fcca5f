// A report as the commands that make one give it away: printed, and in the files that were asked for.
import { join } from 'node:path';
import { reportHtml } from '../node/disk/reportHtml.ts';
import { writeWhole } from '../node/disk/writeWhole.ts';
import type { Report } from '../shared/report/report.ts';
import { reportCsv } from '../shared/text/reportCsv.ts';
import { reportJson } from '../shared/text/reportJson.ts';
import { reportMarkdown } from '../shared/text/reportMarkdown.ts';
import { printResult } from './engineTask.ts';
import { reportText } from './reportText.ts';
import type { Terminal } from './terminal.ts';

interface ReportFlags {
  json?: string;
  markdown?: string;
  csv?: string;
  html?: string;
  quiet?: boolean;
}

export async function giveReport(terminal: Terminal, flags: ReportFlags, report: Report): Promise<void> {
  const { markdown, csv, html } = flags;
  await printResult(terminal, flags, report, { json: reportJson, text: reportText });
  if (markdown !== undefined) await writeWhole(markdown, reportMarkdown(report));
  if (csv !== undefined) await writeWhole(csv, reportCsv(report));
  if (html !== undefined)
    await writeWhole(html, await reportHtml(report, join(terminal.enginePath, '../webview')));
}
