// The pair of checkpoints.
import { resolve } from 'node:path';
import { checkpointPath } from '../node/disk/checkpointPath.ts';
import type { Report } from '../shared/report/report.ts';
import { withEngine } from './engine.ts';
import { following, type Following } from './following.ts';
import { resolved, type Settings } from './settings.ts';

export interface AnalyzeSettings extends Settings {
  /** Training configs and logs to use instead of those found beside the tuned checkpoint. */
  config?: readonly string[];
}

/**
 * Compares a base checkpoint with one tuned from it and judges the three gates: `three-gate analyze`.
 *
 * @param base a folder, a `.safetensors` file, an index, a PEFT adapter, a model id in the Hugging Face cache, or an address
 * @param tuned the same of the tuned checkpoint
 */
export function analyze(base: string, tuned: string, settings: AnalyzeSettings = {}): Following<Report> {
  return following((onEvent) =>
    withEngine(settings.signal, async (engine, signal) => {
      const request = {
        basePath: await checkpointPath(base),
        tunedPath: await checkpointPath(tuned),
        configPaths: settings.config?.map((path) => resolve(path)) ?? null,
        ...resolved(settings),
      };
      return engine.analyze(request, onEvent, signal);
    }),
  );
}
