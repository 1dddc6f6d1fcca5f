// A pair file (`*.threegate`) that a command was given: what it says of paths, configs and options, over the command's own options.
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { asPath, resolveSide } from '../node/disk/checkpointPath.ts';
import { asProblem, ThreeGateError } from '../shared/errors.ts';
import { overridden } from '../shared/options/optionOverrides.ts';
import type { AnalysisOptions } from '../shared/options/options.ts';
import { parsePair } from '../shared/pairFile.ts';

interface GivenPair {
  /** The file as it is. */
  text: string;
  base: string;
  tuned: string;
  /** Absolute; null where it names none. */
  config: string[] | null;
  options: AnalysisOptions;
}

/** Throws `not-found`, and as `parsePair`. */
export async function readPairFile(path: string, usual: AnalysisOptions): Promise<GivenPair> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new ThreeGateError('not-found', `${path} could not be read: ${asProblem(error).message}.`, {
      file: path,
    });
  });
  const folder = dirname(resolve(path));
  const pair = parsePair(text, path);
  const [base, tuned] = await Promise.all([resolveSide(pair.base, folder), resolveSide(pair.tuned, folder)]);
  return {
    ...{ text, base, tuned },
    config: pair.config?.map((file) => asPath(file, folder)) ?? null,
    options: overridden(usual, pair.options),
  };
}
