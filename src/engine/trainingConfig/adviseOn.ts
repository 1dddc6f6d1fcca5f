// What the theory has to say about the configs of one run, without any weights.
import { ThreeGateError } from '../../shared/errors.ts';
import type { Report } from '../../shared/report/report.ts';
import type { TrainingEvidence } from '../../shared/report/training.ts';
import type { FileSystem } from '../files/fileSystem.ts';
import { findFindings } from './findings/findFindings.ts';
import { readTraining } from './readTraining.ts';

interface AdviceRequest {
  /** Absolute; several are read as one run. */
  configPaths: readonly string[];
  /** Findings cite its measurements; null = none. */
  report: Report | null;
  /** Ids of findings that are left out. */
  disabled: readonly string[];
}

/** Throws `not-found` for a config that is not there. */
export async function adviseOn(
  files: FileSystem,
  { configPaths, report, disabled }: AdviceRequest,
): Promise<TrainingEvidence> {
  for (const path of configPaths) {
    if ((await files.stat(path)) === null) {
      throw new ThreeGateError('not-found', `${path} is not there.`, { file: path });
    }
  }
  const folder = files.dirname(configPaths[0] ?? '.');
  const read = await readTraining(files, folder, { configPaths, basePath: null });
  return { ...read, findings: findFindings(read, report, disabled) };
}
