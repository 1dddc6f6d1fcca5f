// Several tuned checkpoints of one base beside each other: what the gates say of each, and what differs in the configs they were
// trained with. Plain JSON; an absent number is null with a reason beside it.
import type { NullGeometry } from './metrics.ts';
import type { CheckpointInfo, LoggedKl, Measured, ReportStatus } from './report.ts';
import type { SyncCost } from './syncCost.ts';
import type { ConfigConcept, ConfigEntry, TrainingConfig } from './training.ts';
import type { GateVerdicts, Regime } from './verdicts.ts';

export const sideBySideSchemaVersion = 1;

/** One tuned checkpoint, as `analyze` finds it. */
export interface SideBySideRun {
  /** Tells it apart from the others. */
  label: string;
  tuned: CheckpointInfo;
  /** The report that it comes from; null where the pair was given. */
  reportFile: string | null;
  status: ReportStatus;
  regime: Regime;
  /** Words, readings with their thresholds and sources, and what is left of them beyond the size of the update. */
  gates: GateVerdicts;
  /** What a random update of the same size would rotate and drift. */
  geometryNull: Pick<NullGeometry, 'rotationMeanExpectedDeg' | 'spectralDriftTopKExpected'> | null;
  /** Share of the parameters that were compared. */
  coverage: number;
  kl: Measured<LoggedKl>;
  /** Absent in reports written before this was counted. */
  sync?: Measured<SyncCost>;
  /** Null where no training config was found. */
  config: Pick<TrainingConfig, 'framework' | 'frameworkVersion' | 'kind' | 'files'> | null;
}

/** What a run's config says of a concept, under the framework's own key. */
export type ConfigSetting = Pick<ConfigEntry, 'key' | 'value' | 'origin' | 'defaultNote'>;

/** Something that not all configs say alike. */
export interface ConfigDifference {
  /** Whatever the frameworks call it. `framework` and `kind` are of a config as a whole. */
  concept: ConfigConcept | 'framework' | 'kind';
  /** Of each run, in their order; null where its config does not have it, and where there is no config. */
  settings: (ConfigSetting | null)[];
}

export interface ConfigDifferences {
  /**
   * Where two runs that have a config differ in the value, whoever says it: a stated value equals a default of the same value. A
   * setting that only some configs have differs; a run without a config differs from nobody. Paths of models are the same where
   * their last names are.
   */
  differing: ConfigDifference[];
  /** Concepts that are the same in every config. */
  same: ConfigConcept[];
}

export interface SideBySideReport {
  schemaVersion: typeof sideBySideSchemaVersion;
  version: string;
  base: CheckpointInfo;
  /** In the order that was asked for. */
  runs: SideBySideRun[];
  /** Null where fewer than two runs have a config. */
  configs: Measured<ConfigDifferences>;
  /** What makes two columns incomparable: other options, a preview, an analysis that did not end. */
  notes: string[];
  elapsedMs: number;
}
