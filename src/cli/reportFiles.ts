// A report as the commands that make one give it away: printed, and in the files that were asked for.
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
  quiet?: boolean;
}

export async function giveReport(terminal: Terminal, flags: ReportFlags, report: Report): Promise<void> {
  const { markdown, csv } = flags;
  await printResult(terminal, flags, report, { json: reportJson, text: reportText });
  if (markdown !== undefined) await writeWhole(markdown, reportMarkdown(report));
  if (csv !== undefined) await writeWhole(csv, reportCsv(report));
}
