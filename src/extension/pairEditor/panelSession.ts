// One open pair editor: reads its document, holds the run of its pair, and speaks the panel's protocol with the page.
import { posix } from 'node:path';
import * as vscode from 'vscode';
import { asProblem, problem, type Problem } from '../../shared/errors.ts';
import type {
  HostMethods,
  PanelAction,
  PanelDocument,
  PanelEvents,
  RunState,
} from '../../shared/protocol/panelProtocol.ts';
import type { AnalysisEvent } from '../../shared/protocol/analysisEvents.ts';
import { panelMessages, panelReport, tensorCurves } from '../../shared/protocol/panelReport.ts';
import type { Report } from '../../shared/report/report.ts';
import { Endpoint, type None } from '../../shared/protocol/rpc.ts';
import { shownEvent, shownReport } from '../diagnostics/shownReport.ts';
import type { Asking } from '../chat/askInChat.ts';
import { parsePair, type Pair } from '../../shared/pairFile.ts';
import { PairLimits } from '../pairs/pairLimits.ts';
import { adHocScheme, pairTitle } from '../pairs/pairLocation.ts';
import { pairDirectory, pairRequest } from '../pairs/pairRequest.ts';
import type { RunOverrides, RunRequest } from '../../node/runs/pairRun.ts';
import type { ReportStore } from '../../node/runs/reportStore.ts';
import { requestKey } from '../../node/runs/requestKey.ts';
import type { RunHold, RunService } from '../../node/runs/runService.ts';
import { readFlag } from '../settings/readOptions.ts';

export interface SessionServices {
  runs: RunService;
  reports: ReportStore;
  /** Does what the user asked for; the session itself only shows. */
  act: (session: PanelSession, action: PanelAction) => Promise<void>;
  reveal: (location: HostMethods['reveal']['params']['location']) => Promise<void>;
  savePng: (params: HostMethods['savePng']['params']) => Promise<HostMethods['savePng']['result']>;
  cacheDirectory: string;
  /** Throws where a remote side may not be read. */
  requireRemote: (paths: readonly string[]) => Promise<void>;
  asking: Asking;
}

export class PanelSession {
  readonly document: vscode.TextDocument;
  readonly panel: vscode.WebviewPanel;
  private readonly services: SessionServices;
  private readonly endpoint: Endpoint<None, PanelEvents, HostMethods, None>;
  private readonly changed = new vscode.EventEmitter<void>();
  /** Something that commands or the title depend on changed. */
  readonly onDidChange = this.changed.event;
  private hold: RunHold | null = null;
  private unlisten: (() => void) | null = null;
  private request: RunRequest | null = null;
  private pair: Pair | null = null;
  private limits = PairLimits.none;
  /** Why the document cannot be shown as a pair. */
  private fault: Problem | null = null;
  /** Settles when the document as it stands has been read. */
  private loading: Promise<void>;
  private canAsk = false;
  private disposed = false;

  constructor(document: vscode.TextDocument, panel: vscode.WebviewPanel, services: SessionServices) {
    this.document = document;
    this.panel = panel;
    this.services = services;
    this.endpoint = new Endpoint({
      post: (message) => void panel.webview.postMessage(message),
      listen: (onMessage) => panel.webview.onDidReceiveMessage(onMessage),
    });
    this.serve();
    this.loading = this.load();
  }

  get isAdHoc(): boolean {
    return this.document.uri.scheme === adHocScheme;
  }

  /** With what its limits came to. */
  get report(): Report | null {
    const report = this.hold?.run.report ?? null;
    return report && this.limits.judged(report);
  }

  /** The file that the limits were read from, where that is not the pair's own. */
  get limitsFile(): string | null {
    return this.limits.file;
  }

  get state(): RunState {
    if (this.fault !== null) return { kind: 'failed', problem: this.fault, canRetryWithWasm: false };
    return this.hold?.run.state ?? { kind: 'idle' };
  }

  /** What the document says; null while it is not a valid pair. */
  get currentPair(): Pair | null {
    return this.pair;
  }

  /** The pair with absolute paths; null while it is not a valid pair. */
  get currentRequest(): RunRequest | null {
    return this.request;
  }

  /** Folder that the pair's relative paths start from. */
  get directory(): string {
    return pairDirectory(this.document.uri);
  }

  /** Where the document could not be read, trying again starts with reading it. */
  async start(overrides: RunOverrides = {}): Promise<void> {
    if (this.fault !== null) await this.reload();
    // What was allowed when the document was read may have been taken back.
    if (this.request !== null) {
      await this.services.requireRemote([this.request.basePath, this.request.tunedPath]);
    }
    this.hold?.run.start(overrides);
  }

  cancel(): void {
    this.hold?.run.cancel();
  }

  /** Reads the document again, after it or a setting changed. */
  reload(): Promise<void> {
    this.loading = this.loading.then(() => this.load());
    return this.loading;
  }

  dispose(): void {
    this.disposed = true;
    this.leave();
    this.endpoint.close(problem('cancelled', 'The editor was closed.'));
    this.changed.dispose();
  }

  private serve(): void {
    const { endpoint, services } = this;
    endpoint.serve('ready', async () => {
      await this.loading;
      return this.panelDocument();
    });
    endpoint.serve('act', async ({ action }) => {
      await services.act(this, action);
      return null;
    });
    endpoint.serve('curves', ({ name }) => {
      const tensor = this.report?.tensors.find((each) => each.name === name);
      return tensor === undefined ? null : tensorCurves(tensor);
    });
    endpoint.serve('reveal', async ({ location }) => {
      await services.reveal(location);
      return null;
    });
    endpoint.serve('ask', async ({ about }) => {
      const { request } = this;
      if (request === null) return null;
      const paths = [request.basePath, request.tunedPath];
      const pair = pairTitle(request.basePath, request.tunedPath);
      await services.asking.ask({ report: requestKey(request), about, pair, paths });
      return null;
    });
    endpoint.serve('copy', async ({ text }) => {
      await vscode.env.clipboard.writeText(text);
      return null;
    });
    endpoint.serve('savePng', services.savePng);
  }

  private async load(): Promise<void> {
    this.canAsk = await this.services.asking.isPossible();
    try {
      const pair = parsePair(this.document.getText(), posix.basename(this.document.uri.path));
      const limits = await PairLimits.read(this.document.getText(), this.document.uri, this.directory);
      const request = await pairRequest(pair, this.document.uri, this.services);
      this.pair = pair;
      this.limits = limits;
      this.fault = null;
      const isSame = this.request !== null && requestKey(this.request) === requestKey(request);
      if (!isSame) await this.take(request);
    } catch (error) {
      this.leave();
      this.pair = null;
      this.fault = asProblem(error);
    }
    if (this.disposed) return;
    this.endpoint.emit('document', this.panelDocument());
    this.changed.fire();
  }

  /** Moves to the run of another request, and starts it where there is no result to show. */
  private async take(request: RunRequest): Promise<void> {
    this.leave();
    const remembered = await this.services.reports.recall(request);
    // Closed while the result was read: a hold taken now would never be released.
    if (this.disposed) return;
    this.request = request;
    this.hold = this.services.runs.hold(request, remembered);
    const { run } = this.hold;
    this.unlisten = run.listen({
      onState: (state) => {
        this.endpoint.emit('run', state);
        this.changed.fire();
      },
      onEvents: (events) => {
        for (const message of panelMessages(events.map((event) => this.eventOf(event))))
          this.endpoint.emit('events', message);
      },
    });
    if (run.state.kind === 'idle' && readFlag('analyzeOnOpen')) run.start();
  }

  private eventOf(event: AnalysisEvent): AnalysisEvent {
    if (event.kind !== 'finished') return shownEvent(event);
    return shownEvent({ ...event, report: this.limits.judged(event.report) });
  }

  private leave(): void {
    this.unlisten?.();
    this.unlisten = null;
    this.hold?.release();
    this.hold = null;
    this.request = null;
  }

  private panelDocument(): PanelDocument {
    const { request, pair } = this;
    return {
      title: request === null ? '' : pairTitle(request.basePath, request.tunedPath),
      basePath: pair?.base ?? '',
      tunedPath: pair?.tuned ?? '',
      unsaved: this.isAdHoc,
      report: this.report === null ? null : panelReport(shownReport(this.report)),
      run: this.state,
      canAsk: this.canAsk,
    };
  }
}
