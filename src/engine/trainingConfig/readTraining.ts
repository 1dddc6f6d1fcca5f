// Everything known about the run that made a tuned checkpoint: its config, its logs, the learning-rate numbers that the
// metrics need, and the findings that follow. Never throws for a bad file: each becomes a problem and the rest is read.
import { asProblem, problem, type Problem } from '../../shared/errors.ts';
import type { LogSeries, TrainingEvidence } from '../../shared/report/training.ts';
import type { FileSystem } from '../files/fileSystem.ts';
import { discover, discoverNamed, type Found, type FoundConfig } from './discover.ts';
import type { ConfigDocument } from './document/configDocument.ts';
import { findFindings } from './findings/findFindings.ts';
import { learningRateFacts } from './learningRate.ts';
import { readLogs, type ReadLogs } from './logs/readLogs.ts';
import { mergeReadings, type PlacedReading } from './mergeReadings.ts';
import { readModelCard } from './modelCard.ts';
import { openDocument, maxConfigBytes } from './openDocument.ts';
import { readTrainingArgs } from './pickle/trainingArgs.ts';
import { accelerateLauncher } from './readers/launcher.ts';
import type { Launcher, RunFacts, RunKind } from './readers/reader.ts';
import { readDocument } from './readers/readers.ts';

interface TrainingRequest {
  /** Config files or folders chosen by the user; null = find them beside the checkpoint. */
  configPaths: readonly string[] | null;
  /** The base checkpoint of the comparison, where there is one. */
  basePath: string | null;
}

interface OpenedDocument {
  document: ConfigDocument;
  level: number;
}

interface Opened {
  documents: OpenedDocument[];
  versions: Map<string, string>;
  algorithm: string | null;
  /** From training_args.bin, which knows how its own process was started. */
  launcher: Launcher | null;
}

const largeConfigBytes = 128 * 1024;

export async function readTraining(
  fileSystem: FileSystem,
  tunedDirectory: string,
  request: TrainingRequest,
): Promise<TrainingEvidence> {
  const problems: Problem[] = [];
  const beside = await discover(fileSystem, tunedDirectory);
  const named = request.configPaths !== null;
  const found: Found = {
    ...beside,
    ...(request.configPaths === null
      ? {}
      : await discoverNamed(fileSystem, request.configPaths, beside.logs)),
  };
  const opened = await openAll(fileSystem, found.configs, problems);
  const facts = factsOf(opened, found);
  const readings = opened.documents.flatMap(({ document, level }): PlacedReading[] => {
    // Above the checkpoint, and for files nobody named, only what is surely a training config counts.
    const accepted = readDocument(document, facts).filter(
      (reading) => named || reading.evidence >= (level === 0 ? 2 : 5),
    );
    if (accepted.length > 0) problems.push(...document.problems, ...accepted.flatMap((one) => one.problems));
    else if (named) problems.push(...document.problems, notRecognised(document));
    else if (level === 0 && document.format === 'yaml') problems.push(...document.problems);
    return accepted.map((reading) => ({ ...reading, level }));
  });
  const logs = await readLogs(fileSystem, found.logs, {
    algorithm: facts.algorithm,
    framework: readings[0]?.framework ?? null,
    entries: readings.flatMap((reading) => reading.entries),
  });
  const config = mergeReadings(readings, kindOfLogs(logs.series));
  problems.push(...logs.problems);
  const rates = learningRateFacts(
    logs.series.find((series) => series.signal === 'learningRate') ?? null,
    config?.entries ?? [],
    stepOf(fileSystem, tunedDirectory, logs),
  );
  const evidence: TrainingEvidence = {
    config,
    logs: logs.series,
    ...(logs.notFinite.length === 0 ? {} : { notFinite: logs.notFinite }),
    findings: [],
    ...rates,
    problems,
  };
  return { ...evidence, findings: findFindings(evidence, null, [], request.basePath) };
}

/**
 * A file two folders or more above the checkpoint is mostly somebody else's. Training configs have a few kilobytes; what is
 * far larger there is not opened, so that a folder full of data does not hold up the analysis.
 */
async function isStranger(fileSystem: FileSystem, { file, level }: FoundConfig): Promise<boolean> {
  if (level < 2) return false;
  return ((await fileSystem.stat(file))?.size ?? 0) > largeConfigBytes;
}

async function openAll(
  fileSystem: FileSystem,
  configs: readonly FoundConfig[],
  problems: Problem[],
): Promise<Opened> {
  const documents: OpenedDocument[] = [];
  const versions = new Map<string, string>();
  let algorithm: string | null = null;
  let launcher: Launcher | null = null;
  for (const found of configs) {
    const { file, level, format } = found;
    try {
      if (await isStranger(fileSystem, found)) continue;
      if (format === 'python') problems.push(pythonRefused(file));
      else if (format === 'model-card') {
        const card = readModelCard(file, await fileSystem.readText(file, maxConfigBytes));
        // A card further up may describe another run.
        if (level <= 1) {
          for (const [name, version] of card.versions) if (!versions.has(name)) versions.set(name, version);
          algorithm ??= card.algorithm;
        }
        if (card.axolotl !== null) documents.push({ document: card.axolotl, level });
      } else if (format === 'training-args') {
        const args = await readTrainingArgs(fileSystem, file);
        documents.push({ document: args.document, level });
        algorithm ??= args.algorithm;
        launcher ??= args.launcher;
      } else {
        documents.push({ document: await openDocument(fileSystem, file, format), level });
      }
    } catch (error) {
      problems.push(asProblem(error));
    }
  }
  return { documents, versions, algorithm, launcher };
}

function factsOf(opened: Opened, found: Found): RunFacts {
  let { launcher } = opened;
  let adapter = false;
  for (const { document, level } of opened.documents) {
    const stated = accelerateLauncher(document);
    // The same kind, but accelerate's own file also says the precision.
    if (stated !== null && (launcher === null || launcher.kind === stated.kind)) launcher = stated;
    adapter ||= level === 0 && document.has('peft_type');
  }
  const trace = found.launcherTrace;
  if (launcher === null && trace !== null) {
    launcher = { kind: trace.kind, mixedPrecision: 'bf16', from: `${trace.file} is there` };
  }
  return { versions: opened.versions, algorithm: opened.algorithm, launcher, adapter };
}

function kindOfLogs(series: readonly LogSeries[]): RunKind {
  if (series.some(({ signal }) => signal === 'reward')) return 'rl';
  return series.some(({ signal }) => signal === 'loss') ? 'sft' : 'unknown';
}

/** The step that the weights were saved at: the folder's name, else the state saved beside them. */
function stepOf(fileSystem: FileSystem, tuned: string, logs: ReadLogs): number | null {
  let folder = tuned;
  for (let level = 0; level <= 3; level++) {
    const match = /^(?:checkpoint-|global_step_?|step_|iter_0*)(\d+)(?:_hf)?$/.exec(
      fileSystem.basename(folder),
    );
    if (match !== null) return Number(match[1]);
    folder = fileSystem.dirname(folder);
  }
  return logs.globalStep;
}

/** What a program computes is not known without running it. */
function pythonRefused(file: string): Problem {
  const message = `${file} is a Python program, which is not run to learn its settings. Name what it writes instead: training_args.bin, a YAML or JSON config, or the log.`;
  return problem('config-unreadable', message, { file });
}

function notRecognised(document: ConfigDocument): Problem {
  return problem('config-value', `${document.file} holds no training config that is known here.`, {
    file: document.file,
  });
}
