// The logs of a run as series: the nearest folder that has any, each file by its own reader.
import { asProblem, problem, ThreeGateError, type Problem } from '../../../shared/errors.ts';
import type { ConfigEntry, LogSeries, NotFiniteLog } from '../../../shared/report/training.ts';
import type { FileSystem } from '../../files/fileSystem.ts';
import type { FoundLog } from '../discover.ts';
import { looksLikeConsole, readConsole } from './consoleLog.ts';
import { readJsonLines, readTrainerState } from './jsonLogs.ts';
import { notFiniteOf, seriesOf, type LogTable } from './series.ts';
import type { LogContext } from './signals.ts';
import { readEvents } from './tensorBoard.ts';
import { readWandbSummary } from './wandbSummary.ts';

const maxLogBytes = 64 * 1024 * 1024;
const probeBytes = 256 * 1024;

export interface ReadLogs {
  series: LogSeries[];
  problems: Problem[];
  notFinite: NotFiniteLog[];
  /** Step of the trainer state that lies beside the checkpoint. */
  globalStep: number | null;
}

interface LogSituation {
  algorithm: string | null;
  framework: string | null;
  entries: readonly ConfigEntry[];
}

export async function readLogs(
  fileSystem: FileSystem,
  logs: readonly FoundLog[],
  situation: LogSituation,
): Promise<ReadLogs> {
  const result: ReadLogs = { series: [], problems: [], notFinite: [], globalStep: null };
  let nearest: number | null = null;
  for (const log of logs) {
    // Logs of folders above may be of another run: the nearest that has any signal settles it.
    if (nearest !== null && log.level > nearest) break;
    try {
      const table = await readOne(fileSystem, log, result);
      if (table === null) continue;
      const context = contextOf(table, situation);
      const [series, notFinite] = [seriesOf(table, context), notFiniteOf(table, context)];
      for (const one of series) addSeries(result.series, one);
      result.notFinite.push(...notFinite);
      if (series.length > 0 || notFinite.length > 0) nearest ??= log.level;
    } catch (error) {
      result.problems.push(asProblem(error));
    }
  }
  return result;
}

async function readOne(fileSystem: FileSystem, log: FoundLog, result: ReadLogs): Promise<LogTable | null> {
  switch (log.kind) {
    case 'trainer-state': {
      const state = readTrainerState(log.file, await fileSystem.readText(log.file, maxLogBytes));
      result.problems.push(...state.problems);
      result.globalStep ??= state.globalStep;
      return state.table;
    }
    case 'json-lines': {
      if (!(await looksLikeLog(fileSystem, log.file))) return null;
      const { table, problems } = readJsonLines(log.file, await fileSystem.readText(log.file, maxLogBytes));
      result.problems.push(...problems);
      return table;
    }
    case 'console':
      return readConsoleFile(fileSystem, log, result);
    case 'tensorboard': {
      const { table, problems } = readEvents(log.file, await readBytes(fileSystem, log.file));
      result.problems.push(...problems);
      return table;
    }
    case 'wandb-summary': {
      const { table, problems } = readWandbSummary(
        log.file,
        await fileSystem.readText(log.file, maxLogBytes),
      );
      result.problems.push(...problems);
      return table;
    }
  }
}

/** A file that nobody named is read only where its beginning or its end holds such lines. */
async function readConsoleFile(
  fileSystem: FileSystem,
  { file, named }: FoundLog,
  result: ReadLogs,
): Promise<LogTable | null> {
  const source = await fileSystem.open(file);
  try {
    const piece = async (from: number, length: number): Promise<string> => {
      const bytes = new Uint8Array(Math.min(length, source.size - from));
      await source.read(from, bytes);
      return new TextDecoder().decode(bytes);
    };
    const tail = Math.max(0, source.size - probeBytes);
    const known =
      named === true ||
      looksLikeConsole(await piece(0, probeBytes)) ||
      looksLikeConsole(await piece(tail, probeBytes));
    if (!known) return null;
    const from = Math.max(0, source.size - maxLogBytes);
    const { table, problems } = readConsole(file, await piece(from, maxLogBytes));
    if (from > 0) {
      const message = `${file} has ${source.size} bytes; its last ${maxLogBytes} were read.`;
      problems.push(problem('log-unreadable', message, { file }));
    }
    result.problems.push(...problems);
    return table;
  } finally {
    await source.close();
  }
}

async function readBytes(fileSystem: FileSystem, file: string): Promise<Uint8Array> {
  const source = await fileSystem.open(file);
  try {
    if (source.size > maxLogBytes) {
      throw new ThreeGateError(
        'log-unreadable',
        `${file} has ${source.size} bytes, more than ${maxLogBytes}.`,
        { file },
      );
    }
    const bytes = new Uint8Array(source.size);
    await source.read(0, bytes);
    return bytes;
  } finally {
    await source.close();
  }
}

/** The first line tells a metrics log from a data set. */
async function looksLikeLog(fileSystem: FileSystem, file: string): Promise<boolean> {
  const source = await fileSystem.open(file);
  try {
    const head = new Uint8Array(Math.min(source.size, 2048));
    await source.read(0, head);
    return /^\s*\{[^\n]*"(?:step|current_steps)"\s*:/.test(new TextDecoder().decode(head));
  } finally {
    await source.close();
  }
}

/** The same key of two files is one signal: the file with more points is kept. */
function addSeries(all: LogSeries[], one: LogSeries): void {
  const index = all.findIndex((other) => bare(other.key) === bare(one.key));
  const known = all[index];
  if (known === undefined) all.push(one);
  else if (one.count > known.count) all[index] = one;
}

function bare(key: string): string {
  return key.replace(/^train\//, '');
}

function contextOf(table: LogTable, situation: LogSituation): LogContext {
  const value = (concept: ConfigEntry['concept']): string | null => {
    const found = situation.entries.find((entry) => entry.concept === concept)?.value;
    return typeof found === 'string' ? found : null;
  };
  // Only AsyncGRPO logs how long its weights took to reach the sampler.
  const asynchronous = table.rows.some(({ values }) => 'weight_sync_time_s' in values);
  return {
    algorithm: asynchronous ? 'AsyncGRPO' : (value('algorithm') ?? situation.algorithm),
    framework: situation.framework,
    klEstimator: value('klEstimator'),
  };
}
