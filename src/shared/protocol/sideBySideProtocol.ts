// Messages between the extension host and the page of checkpoints side by side. The host holds the report; the page draws it. A file's
// content reaches the page only as data, never as markup.
import type { Problem } from '../errors.ts';
import type { SideBySideReport } from '../report/sideBySide.ts';
import type { HostMethods } from './panelProtocol.ts';

/** What was put side by side, in the order that was asked for; kept by the page, so that a restarted editor can do it again. */
export interface SideBySideChoice {
  /** A base and checkpoints tuned from it, pair files, reports. */
  paths: string[];
}

/** The report, or why there is none; neither while pairs are analysed. */
export interface SideBySideDocument {
  choice: SideBySideChoice;
  report: SideBySideReport | null;
  problem: Problem | null;
}

export type SideBySideAction = 'rerun' | 'exportJson' | 'exportMarkdown' | 'exportCsv';

/** Host → page. */
export interface SideBySideEvents {
  document: SideBySideDocument;
}

/** Page → host. `ready` answers with the document as it stands. */
export interface SideBySideMethods extends Pick<HostMethods, 'copy'> {
  ready: { params: Record<string, never>; result: SideBySideDocument };
  act: { params: { action: SideBySideAction }; result: null };
  /** The panel of one pair: a position in `runs`. */
  openPair: { params: { run: number }; result: null };
}
