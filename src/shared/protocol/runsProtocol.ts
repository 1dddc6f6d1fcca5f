// Messages between the extension host and the page that shows several runs. The host holds the report; the page draws
// it. A file's content reaches the page only as data, never as markup.
import type { Problem } from '../errors.ts';
import type { HostMethods } from './panelProtocol.ts';
import type { RunsReport } from '../report/runsReport.ts';

/** What was compared: kept by the page, so that an editor that is started again can compare it again. */
export interface RunsChoice {
  basePath: string;
  runPaths: string[];
  /** The one run is followed while it trains; `limits`: a file of limits that its steps are held against. */
  follow?: { limits: string | null };
}

/** The report, or why there is none; neither while the engine is at work. */
export interface RunsDocument {
  choice: RunsChoice;
  report: RunsReport | null;
  problem: Problem | null;
  /** What is done now while a run is followed, in a sentence; absent where nothing is followed, or no longer. */
  following?: string;
}

export type RunsAction = 'rerun' | 'exportJson' | 'exportMarkdown' | 'exportCsv';

/** Host → page. */
export interface RunsEvents {
  document: RunsDocument;
  /** `following` of the document alone. */
  following: { text: string };
}

/** Page → host. `ready` answers with the document as it stands. */
export interface RunsMethods extends Pick<HostMethods, 'copy' | 'savePng'> {
  ready: { params: Record<string, never>; result: RunsDocument };
  act: { params: { action: RunsAction }; result: null };
}
