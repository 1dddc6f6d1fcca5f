// The advice on every open config, kept up with typing, saving, settings and finished analyses. One source for
// diagnostics, quick fixes and hovers, so that they always agree.
import * as vscode from 'vscode';
import { nodeFileSystem } from '../../node/disk/nodeFileSystem.ts';
import type { Report } from '../../shared/report/report.ts';
import type { TrainingEvidence } from '../../shared/report/training.ts';
import type { ReportStore } from '../../node/runs/reportStore.ts';
import { adviseOnConfig } from './configAdvice.ts';
import { reportOfConfig } from './reportOfConfig.ts';

/** Typing pauses for this long before a file is read again. */
const pauseMs = 300;

interface Advice {
  /** Version of the document that it is about. */
  version: number;
  evidence: TrainingEvidence;
  report: Report | null;
}

export class AdvisedDocuments {
  private readonly advice = new Map<string, Advice>();
  private readonly timers = new Map<string, ReturnType<typeof setTimeout>>();
  private readonly changed = new vscode.EventEmitter<vscode.TextDocument>();
  private readonly gone = new vscode.EventEmitter<vscode.Uri>();
  /** The advice on a document changed; it may now be none. */
  readonly onDidChange = this.changed.event;
  readonly onDidForget = this.gone.event;
  private readonly subscriptions: { dispose: () => unknown }[];
  private readonly reports: ReportStore;
  private readonly log: vscode.LogOutputChannel;

  constructor(reports: ReportStore, log: vscode.LogOutputChannel) {
    this.reports = reports;
    this.log = log;
    const unwatch = reports.watch(() => {
      this.refreshAll();
    });
    this.subscriptions = [
      this.changed,
      this.gone,
      new vscode.Disposable(unwatch),
      vscode.workspace.onDidOpenTextDocument((document) => {
        this.schedule(document, 0);
      }),
      vscode.workspace.onDidChangeTextDocument(({ document }) => {
        this.schedule(document, pauseMs);
      }),
      vscode.workspace.onDidCloseTextDocument(({ uri }) => {
        this.forget(uri);
      }),
    ];
  }

  /** Null where the document is no training config, or was not read yet. */
  of(document: vscode.TextDocument): Advice | null {
    return this.advice.get(document.uri.toString()) ?? null;
  }

  refreshAll(): void {
    for (const document of vscode.workspace.textDocuments) this.schedule(document, 0);
  }

  dispose(): void {
    for (const timer of this.timers.values()) clearTimeout(timer);
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  private schedule(document: vscode.TextDocument, delayMs: number): void {
    if (document.uri.scheme !== 'file') return;
    const key = document.uri.toString();
    clearTimeout(this.timers.get(key));
    const timer = setTimeout(() => {
      this.timers.delete(key);
      this.read(document).catch((error: unknown) => {
        this.log.warn(`${document.fileName} could not be read as a training config: ${String(error)}`);
      });
    }, delayMs);
    this.timers.set(key, timer);
  }

  private async read(document: vscode.TextDocument): Promise<void> {
    const { version, fileName } = document;
    const text = document.getText();
    const plain = await adviseOnConfig(nodeFileSystem, fileName, text, null);
    const report = plain === null ? null : await reportOfConfig(this.reports, fileName);
    const evidence = report === null ? plain : await adviseOnConfig(nodeFileSystem, fileName, text, report);
    // Typed on, or closed, meanwhile: the next reading is on its way, or nobody waits for this one.
    if (document.isClosed || document.version !== version) return;
    if (evidence === null) this.advice.delete(document.uri.toString());
    else this.advice.set(document.uri.toString(), { version, evidence, report });
    this.changed.fire(document);
  }

  private forget(uri: vscode.Uri): void {
    const key = uri.toString();
    clearTimeout(this.timers.get(key));
    this.timers.delete(key);
    this.advice.delete(key);
    this.gone.fire(uri);
  }
}
