// Messages between the extension host and the panel's webview. The host owns all state; the panel draws it and
// sends what the user did. A file's content reaches the panel only as data, never as markup.
import type { Problem } from '../errors.ts';
import type { PanelReport, PanelRunEvent, TensorCurves } from './panelReport.ts';
import type { Progress } from './analysisEvents.ts';
import type { ReportsCompared } from '../report/reportsCompared.ts';
import type { SourceLocation } from '../report/training.ts';

export type RunState =
  /** Nothing analysed yet and nothing running. */
  | { kind: 'idle' }
  | { kind: 'running'; progress: Progress | null }
  | { kind: 'complete' }
  | { kind: 'cancelled' }
  /** `canRetryWithWasm`: the native engine went down; the fallback may still do it. */
  | { kind: 'failed'; problem: Problem; canRetryWithWasm: boolean };

export interface PanelDocument {
  /** Title for people, e.g. `base → tuned`. */
  title: string;
  /** As written in the pair file. */
  basePath: string;
  tunedPath: string;
  /** True for an ad-hoc comparison that is not a file in the workspace yet. */
  unsaved: boolean;
  report: PanelReport | null;
  run: RunState;
  /** Whether there is a chat that questions about this report can be put to. */
  canAsk: boolean;
  /** Present for a report from a file or from shards, of which nothing is computed here. */
  stored?: StoredReport;
}

export interface StoredReport {
  /** Another report beside it. */
  compared: ReportsCompared | null;
  /** Null for a report file. */
  shards: PanelShards | null;
}

/** How far the shards are whose report is shown. */
export interface PanelShards {
  /** In a sentence or two. */
  line: string;
  /** What is said first while there is no report. */
  lead: string;
  failures: { title: string; message: string; log: string[] }[];
  /** What else is to know: a queue that does not answer, files that are damaged. */
  notes: string[];
  /** Some are missing, and this machine can have them done. */
  canSubmit: boolean;
}

/** Host → panel. */
export interface PanelEvents {
  document: PanelDocument;
  run: RunState;
  /** Of a stored report: what is said beside it; the report is as it was. */
  stored: StoredReport;
  /** Increments of the running analysis, batched. */
  events: PanelRunEvent[];
}

export type PanelAction =
  | 'run'
  | 'cancel'
  | 'swap'
  | 'save'
  | 'exportJson'
  | 'exportMarkdown'
  | 'exportCsv'
  /** The verdict and the gates, on the clipboard. */
  | 'copyMarkdown'
  | 'chooseConfig'
  | 'openAsText'
  | 'compareReport'
  | 'submitMissing'
  | 'showLog'
  | 'retryWithWasm'
  /** However much it is: the user has seen the number. */
  | 'readRemote'
  | 'setToken'
  | 'openFindingsHelp';

/** Panel → host. `ready` answers with the document as it stands. */
export interface HostMethods {
  ready: { params: Record<string, never>; result: PanelDocument };
  act: { params: { action: PanelAction }; result: null };
  /** Curves of one tensor by its name; null when the report has no such tensor. */
  curves: { params: { name: string }; result: TensorCurves | null };
  reveal: { params: { location: SourceLocation }; result: null };
  /** Fills the chat with a question; `about` as the tool `explain` understands it. */
  ask: { params: { about: string }; result: null };
  /** Puts text on the clipboard. */
  copy: { params: { text: string }; result: null };
  /** Saves a chart: base64 of a PNG. Null when the user closed the dialogue. */
  savePng: { params: { name: string; base64: string }; result: { path: string | null } };
}
