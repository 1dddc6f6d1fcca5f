// Messages between the extension host and the page that shows several runs. The host holds the report; the page draws
// it. A file's content reaches the page only as data, never as markup.
import type { Problem } from '../errors.ts';
import type { HostMethods } from './panelProtocol.ts';
import type { RunsReport } from '../report/runsReport.ts';

/** What was compared: kept by the page, so that an editor that is started again can compare it again. */
export interface RunsChoice {
  basePath: string;
  runPaths: string[];
}

/** The report, or why there is none; neither while the engine is at work. */
export interface RunsDocument {
  choice: RunsChoice;
  report: RunsReport | null;
  problem: Problem | null;
}

export type RunsAction = 'rerun' | 'exportJson' | 'exportMarkdown' | 'exportCsv';

/** Host → page. */
export interface RunsEvents {
  document: RunsDocument;
}

/** Page → host. `ready` answers with the document as it stands. */
export interface RunsMethods extends Pick<HostMethods, 'copy' | 'savePng'> {
  ready: { params: Record<string, never>; result: RunsDocument };
  act: { params: { action: RunsAction }; result: null };
}
