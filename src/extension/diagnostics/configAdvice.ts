// What is to be said about one config file as it stands in the editor, saved or not. Knows nothing of vscode.
import { dirname, join, resolve } from 'node:path';
import type { FileSystem } from '../../engine/files/fileSystem.ts';
import { findFindings } from '../../engine/trainingConfig/findings/findFindings.ts';
import { formatOf, parseConfig } from '../../engine/trainingConfig/openDocument.ts';
import { readDocument } from '../../engine/trainingConfig/readers/readers.ts';
import { noFacts } from '../../engine/trainingConfig/readers/reader.ts';
import { readTraining } from '../../engine/trainingConfig/readTraining.ts';
import { ThreeGateError } from '../../shared/errors.ts';
import type { Report } from '../../shared/report/report.ts';
import type { SourceLocation, TrainingEvidence } from '../../shared/report/training.ts';

/** Larger files are no hand-kept configs; reading one at every pause would be felt. */
const maxCharacters = 300_000;
/** Logs beside the config are read at every pause in typing too: only those that take no time. */
const maxLogBytes = 2_000_000;
/** Below this a file is not surely a training config, and an editor must not mark it. */
const sureEvidence = 5;

/** Null when the text is no training config, as far as its keys tell. */
export async function adviseOnConfig(
  fileSystem: FileSystem,
  file: string,
  text: string,
  report: Report | null,
): Promise<TrainingEvidence | null> {
  const format = formatOf(file);
  if (format === null || text.length > maxCharacters) return null;
  const readings = readDocument(parseConfig(file, text, format), noFacts);
  if (!readings.some(({ evidence }) => evidence >= sureEvidence)) return null;
  const overlay = editedFileSystem(fileSystem, file, text);
  const evidence = await readTraining(overlay, dirname(file), { configPaths: [file], basePath: null });
  const findings = findFindings(evidence, report, []);
  // Logs and their problems belong to the run, not to this file.
  return {
    ...evidence,
    findings: findings.map((finding) => ({ ...finding, location: placeIn(file, finding.location) })),
  };
}

/** The disk, with one file as it stands in the editor, and without files too large to be read in passing. */
function editedFileSystem(fileSystem: FileSystem, file: string, text: string): FileSystem {
  return {
    ...fileSystem,
    readText: (path, maxBytes) =>
      path === file ? Promise.resolve(text) : fileSystem.readText(path, Math.min(maxBytes, maxLogBytes)),
    async open(path) {
      const source = await fileSystem.open(path);
      if (source.size <= maxLogBytes || path.endsWith('.jsonl')) return source;
      await source.close();
      throw new ThreeGateError('log-unreadable', `${path} is too large to be read while typing.`, {
        file: path,
      });
    },
  };
}

/** A finding about what the file does not say stands at its first line. */
function placeIn(file: string, location: SourceLocation | null): SourceLocation {
  return location?.file === file ? location : { file, line: 1, column: 1, length: 0 };
}

/** Line, column and sentence of a problem that names them: "<file>:<line>:<column>: <sentence>". */
export function placedProblem(
  message: string,
  file: string,
): { location: SourceLocation; sentence: string } | null {
  if (!message.startsWith(`${file}:`)) return null;
  const match = /^:(\d+):(\d+): (.*)$/s.exec(message.slice(file.length));
  if (match === null) return null;
  const location = { file, line: Number(match[1]), column: Number(match[2]), length: 0 };
  return { location, sentence: match[3] ?? '' };
}

/** Whether a report is about a run that this config belongs to: it was read for it, or lies beside its weights. */
export function reportCovers(report: Report, file: string): boolean {
  return report.training.config?.files.some((path) => resolve(path) === file) ?? false;
}

/** Whether a tuned checkpoint may belong to a config: it lies where the config does, or up to three folders below. */
export function mayBelong(tunedPath: string, file: string): boolean {
  let folder = tunedPath;
  for (let level = 0; level <= 4; level++) {
    if (folder === dirname(file)) return true;
    folder = join(folder, '..');
  }
  return false;
}
