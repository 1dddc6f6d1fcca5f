// `three-gate analyze BASE TUNED`: runs the engine, shows how far it is, prints the report and writes the files asked
// for. Files are written only for a run that was not interrupted, each of them whole or not at all.
import { resolve } from 'node:path';
import { analyzeWithFallback } from '../node/engine/analyzeWithFallback.ts';
import { EngineClient } from '../node/engine/engineClient.ts';
import { checkpointPath } from '../node/disk/checkpointPath.ts';
import { cacheDirectory } from '../node/disk/cacheDirectory.ts';
import type { EngineEvents } from '../shared/protocol/engineProtocol.ts';
import type { Report } from '../shared/report/report.ts';
import { reportCsv } from '../shared/text/reportCsv.ts';
import { reportJson } from '../shared/text/reportJson.ts';
import { reportMarkdown } from '../shared/text/reportMarkdown.ts';
import { analysisOptions, type AnalyzeFlags } from './analysisOptions.ts';
import { exitStatus, sayWhyPartly, statusOf, unreadIn } from './exitStatus.ts';
import { ProgressLine } from './progress.ts';
import { reportText } from './reportText.ts';
import { styleFor } from './style.ts';
import { textColumns, type Terminal } from './terminal.ts';
import { writeWhole } from '../node/disk/writeWhole.ts';

/** The exit status; rejects with a ThreeGateError when there is no report. */
export async function analyzeCommand(
  basePath: string,
  tunedPath: string,
  flags: AnalyzeFlags,
  terminal: Terminal,
): Promise<number> {
  const quiet = flags.quiet === true;
  const progress = new ProgressLine(terminal.stderr, quiet);
  const onLog = ({ message }: EngineEvents['log']): void => {
    progress.clear();
    if (!quiet) terminal.stderr.write(`${message}\n`);
  };
  const client = new EngineClient({ enginePath: terminal.enginePath, onLog });
  let report: Report;
  try {
    const options = analysisOptions(flags);
    const request = {
      basePath: await checkpointPath(basePath),
      tunedPath: await checkpointPath(tunedPath),
      options,
      configPaths: flags.config?.map((path) => resolve(path)) ?? null,
      cacheDirectory: options.useCache ? cacheDirectory(terminal.environment) : null,
    };
    report = await analyzeWithFallback(
      client,
      request,
      (event) => {
        if (event.kind === 'progress') progress.show(event.progress);
      },
      terminal.interrupted,
    );
  } finally {
    progress.clear();
    client.dispose();
  }
  if (report.status === 'cancelled') {
    const through = report.tensors.filter(({ status }) => status === 'done').length;
    const message = `Interrupted: ${through} of ${report.tensors.length} tensors were measured, nothing was written.`;
    terminal.stderr.write(`${message}\n`);
    return exitStatus.interrupted;
  }
  await write(report, flags, terminal, quiet);
  const status = statusOf(report);
  sayWhyPartly(terminal, quiet, status, unreadIn(report));
  return status;
}

async function write(report: Report, flags: AnalyzeFlags, terminal: Terminal, quiet: boolean): Promise<void> {
  const { json, markdown, csv } = flags;
  if (json === '-') {
    terminal.stdout.write(reportJson(report));
  } else {
    if (json !== undefined) await writeWhole(json, reportJson(report));
    if (!quiet) {
      const style = styleFor(terminal.stdout, terminal.environment);
      terminal.stdout.write(reportText(report, style, textColumns(terminal.stdout)));
    }
  }
  if (markdown !== undefined) await writeWhole(markdown, reportMarkdown(report));
  if (csv !== undefined) await writeWhole(csv, reportCsv(report));
}
