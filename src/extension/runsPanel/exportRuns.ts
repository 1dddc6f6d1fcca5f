// Saving what several runs have in common as a file of the user's choice.
import { runsMarkdown } from '../../shared/text/runsMarkdown.ts';
import { fileNameOf } from '../../shared/text/exportName.ts';
import { saveText } from '../export/saveText.ts';
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
  const name = `three-gate-runs-of-${fileNameOf(report.base.label)}.${format}`;
  await saveText({ name, title, folder: report.base.path, text: write(report) });
}
