// What the tools work with, whoever calls them: an MCP client or the editor's chat.
import type { FileSystem } from '../engine/files/fileSystem.ts';
import type { EngineApi } from '../node/engine/engineApi.ts';
import type { ReportStore } from '../node/runs/reportStore.ts';
import type { RunService } from '../node/runs/runService.ts';
import type { AnalysisOptions } from '../shared/options/options.ts';
import type { Progress } from '../shared/protocol/analysisEvents.ts';
import type { Report } from '../shared/report/report.ts';
import type { Answers, ToolName } from './answers.ts';

export interface ToolServices {
  /** A fresh engine; whoever asked disposes of it. It reads no more than `files` does. */
  createEngine: () => EngineApi;
  runs: RunService;
  reports: ReportStore;
  /** Of this session, by their names; they come before what `reports` remembers. */
  shelf: Map<string, Report>;
  /** Refuses what the caller may not read. */
  files: FileSystem;
  /** Folders that the caller may read. */
  folders: readonly string[];
  /** Absolute, or an address where remote checkpoints may be read; throws `access-denied` or `remote-not-allowed`. */
  admit: (text: string) => Promise<string>;
  /** What a call does not choose. */
  options: AnalysisOptions;
  cacheDirectory: string;
  /** As in `AnalyzeRequest`. */
  remoteLimitBytes: number | null;
}

/** How a call is followed and stopped. */
export interface ToolWatch {
  onProgress: (progress: Progress) => void;
  signal: AbortSignal;
}

/** More than an answer holds, to be fetched by who wants it. */
interface Attachment {
  /** `report/ID.json`, below the scheme of whoever offers it. */
  name: string;
  title: string;
}

export interface ToolResult<Name extends ToolName = ToolName> {
  answer: Answers[Name];
  /** The same as Markdown. */
  words: string;
  attachments: Attachment[];
}

/** Keeps a report at hand for `explain` and as an attachment. */
export function shelve({ shelf }: ToolServices, id: string, report: Report): void {
  shelf.delete(id);
  shelf.set(id, report);
  const [oldest] = shelf.keys();
  if (shelf.size > mostShelved && oldest !== undefined) shelf.delete(oldest);
}

const mostShelved = 8;
