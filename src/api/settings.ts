// What every call that reads weights may be told.
import { resolve } from 'node:path';
import { cacheDirectory } from '../node/disk/cacheDirectory.ts';
import { ThreeGateError } from '../shared/errors.ts';
import { defaultOptions } from '../shared/options/catalogue.ts';
import { overridden, refusedOption, type OptionOverrides } from '../shared/options/optionOverrides.ts';
import type { AnalysisOptions } from '../shared/options/options.ts';
import { unaskedRemoteBytes } from '../shared/options/remoteReading.ts';

export interface Settings {
  /** Stops the work; what it gives then rejects with the reason of the signal. */
  signal?: AbortSignal;
  /** How to measure and with what, over the defaults. */
  options?: OptionOverrides;
  /** Where results are remembered, instead of the cache folder of this user. `options.useCache: false` remembers nothing. */
  cacheDirectory?: string;
  /** Most bytes that may be read of remote checkpoints; null = any. Two gigabytes where nothing is said. */
  remoteLimitBytes?: number | null;
}

interface Resolved {
  options: AnalysisOptions;
  cacheDirectory: string | null;
  remoteLimitBytes: number | null;
}

/** Throws `usage` for an option that there is not, or that takes no such value. */
export function resolved({ options = {}, cacheDirectory: chosen, remoteLimitBytes }: Settings): Resolved {
  const refused = refusedOption(options);
  if (refused !== null) throw new ThreeGateError('usage', `${refused}.`);
  const all = overridden(defaultOptions, options);
  const directory = resolve(chosen ?? cacheDirectory(process.env));
  return {
    options: all,
    cacheDirectory: all.useCache ? directory : null,
    remoteLimitBytes: remoteLimitBytes === undefined ? unaskedRemoteBytes : remoteLimitBytes,
  };
}
