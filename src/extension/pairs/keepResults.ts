// What becomes of a result when its run has come to its end: it is remembered, and where it cannot be, the log says why.
import type * as vscode from 'vscode';
import type { RunRequest } from '../../node/runs/pairRun.ts';
import type { ReportStore } from '../../node/runs/reportStore.ts';
import type { Report } from '../../shared/report/report.ts';

export function keepResults(
  reports: ReportStore,
  log: vscode.LogOutputChannel,
): (request: RunRequest, report: Report) => void {
  return (request, report) => {
    reports.remember(request, report).catch((error: unknown) => {
      log.warn(`The result could not be kept: ${String(error)}`);
    });
  };
}
