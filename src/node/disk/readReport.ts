// A report file that a command was given.
import { readFile } from 'node:fs/promises';
import { asProblem, ThreeGateError } from '../../shared/errors.ts';
import { parseReport } from '../../shared/text/parseReport.ts';
import type { Report } from '../../shared/report/report.ts';

/** Throws as `parseReport`, and `usage` for a file that cannot be read. */
export async function readReport(file: string): Promise<Report> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw new ThreeGateError('usage', `${file} could not be read: ${asProblem(error).message}.`, { file });
  }
  return parseReport(text, file);
}
