// A file of limits as it lies on disk.
import { readFile } from 'node:fs/promises';
import { parseLimitsFile, type Limit } from '../../engine/limits/limitsFile.ts';
import { asProblem, ThreeGateError } from '../../shared/errors.ts';

/** Throws as `parseLimitsFile`, and `not-found` for a file that cannot be read. */
export async function readLimits(file: string): Promise<Limit[]> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    const message = `The limits file ${file} could not be read: ${asProblem(error).message}.`;
    throw new ThreeGateError('not-found', message, { file });
  });
  return parseLimitsFile(text, file);
}
