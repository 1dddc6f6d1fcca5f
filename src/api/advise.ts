// A training config, without any weights.
import { resolve } from 'node:path';
import { adviseOn } from '../engine/trainingConfig/adviseOn.ts';
import { nodeFileSystem } from '../node/disk/nodeFileSystem.ts';
import type { Report } from '../shared/report/report.ts';
import type { TrainingEvidence } from '../shared/report/training.ts';

export interface AdviseSettings {
  /** Findings cite its measurements. */
  report?: Report;
  /** Ids of findings to leave out. */
  disable?: readonly string[];
}

/**
 * Reads training configs of one run and says what they may do to the three gates: `three-gate advise`. Rejects with a
 * `ThreeGateError` for a file that is not there.
 *
 * @param configs YAML, JSON, TOML, launch scripts or `training_args.bin`; several are read as one run
 */
export function advise(
  configs: string | readonly string[],
  { report, disable = [] }: AdviseSettings = {},
): Promise<TrainingEvidence> {
  const configPaths = [configs].flat().map((path) => resolve(path));
  return adviseOn(nodeFileSystem, { configPaths, report: report ?? null, disabled: disable });
}
