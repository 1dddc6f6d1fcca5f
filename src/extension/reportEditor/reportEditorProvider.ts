// The read-only editor of `*.threegate.json`: a stored report, with nothing computed.
import type * as vscode from 'vscode';
import { asProblem } from '../../shared/errors.ts';
import { readReport, ReportPage, type ReportOnPage, type ReportPageServices } from './reportPage.ts';

interface ReportDocument extends vscode.CustomDocument, ReportOnPage {
  readonly uri: vscode.Uri;
}

export class ReportEditorProvider implements vscode.CustomReadonlyEditorProvider<ReportDocument> {
  constructor(private readonly services: ReportPageServices) {}

  async openCustomDocument(uri: vscode.Uri): Promise<ReportDocument> {
    const common = { uri, shards: null, dispose: (): void => undefined };
    try {
      return { ...common, report: await readReport(uri, this.services), fault: null };
    } catch (error) {
      return { ...common, report: null, fault: asProblem(error) };
    }
  }

  resolveCustomEditor(document: ReportDocument, panel: vscode.WebviewPanel): void {
    new ReportPage(panel, this.services, document).open();
  }
}
