// What is known about the training run beside the weights: its config, its logs, and what follows from them.
import type { GateName } from '../options/options.ts';
import type { Problem } from '../errors.ts';

/** 1-based position in a file. */
export interface SourceLocation {
  file: string;
  line: number;
  column: number;
  /** Length of the key's text on that line; 0 = unknown. */
  length: number;
}

/** What a config entry means, whatever the framework calls it. */
export type ConfigConcept =
  | 'algorithm'
  | 'klCoefficient'
  | 'klEstimator'
  | 'klPlacement'
  | 'referenceModel'
  | 'referenceSync'
  | 'learningRate'
  | 'schedule'
  | 'warmup'
  | 'optimizer'
  | 'adamBeta1'
  | 'adamBeta2'
  | 'weightDecay'
  | 'maxGradNorm'
  | 'mixedPrecision'
  | 'weightDtype'
  | 'masterWeights'
  | 'maxSteps'
  | 'epochs'
  | 'batchSize'
  /** Prompts (or samples) generated before the policy is updated on them. */
  | 'rolloutBatchSize'
  | 'gradientAccumulation'
  | 'groupSize'
  | 'clipRange'
  | 'clipRangeHigh'
  | 'iterationsPerBatch'
  /** Policy versions by which a rollout may be older than the policy it trains. */
  | 'staleness'
  | 'lossType'
  | 'temperature'
  | 'entropyCoefficient'
  | 'baseModel'
  | 'quantization'
  | 'launcher'
  /** Whether weights that ZeRO-3 spread over the ranks are gathered when the model is saved. */
  | 'gatherOnSave'
  | 'processes'
  | 'seed'
  | 'peftMethod'
  | 'peftInit'
  | 'peftRank'
  | 'peftAlpha'
  | 'peftTargets'
  | 'peftVariant';

export type ConfigScalar = string | number | boolean | null | string[];

export interface ConfigEntry {
  concept: ConfigConcept;
  /** The framework's own key, dotted. */
  key: string;
  value: ConfigScalar;
  /** `stated` in a file, the framework's `default`, or `unknown` where defaults differ between versions. */
  origin: 'stated' | 'default' | 'unknown';
  /** For defaults: whose, and of which version, in words ("TRL ≥ 0.19; 0.04 up to 0.18"). */
  defaultNote: string | null;
  gate: GateName | null;
  /** The key's place; null for a default. */
  location: SourceLocation | null;
  /** The value's place, where it can be replaced by other text; null for a default and inside binary files. */
  valueLocation: SourceLocation | null;
}

export interface TrainingConfig {
  framework: string;
  frameworkVersion: string | null;
  /** Kind of run that the config describes. */
  kind: 'rl' | 'sft' | 'preference' | 'pretrain' | 'unknown';
  /** Files read, nearest and most specific first. */
  files: string[];
  entries: ConfigEntry[];
  /** Present where a launch script starts several trainings: all of them, of which one is read. */
  launches?: ScriptLaunch[];
}

export interface ScriptLaunch {
  /** `python3 verl.trainer.main_ppo` */
  title: string;
  location: SourceLocation;
  read: boolean;
}

/** Three different things are called KL; they are never drawn on one axis. */
export type LogSignal =
  | 'klReference'
  | 'klStep'
  | 'klMismatch'
  | 'entropy'
  | 'reward'
  | 'responseLength'
  | 'learningRate'
  | 'gradNorm'
  | 'loss';

export interface LogSeries {
  signal: LogSignal;
  /** Key in the log, e.g. `actor/kl_loss`. */
  key: string;
  file: string;
  /** k1, k3, low_var_kl …; null when the log does not say. */
  estimator: string | null;
  unit: string | null;
  /** [step, value], at most 512 points kept. */
  points: [number, number][];
  last: number;
  mean: number;
  /** Largest absolute value. */
  peak: number;
  count: number;
}

/** A signal whose last logged value is no number. */
export interface NotFiniteLog {
  signal: LogSignal;
  key: string;
  file: string;
  step: number;
  /** `NaN`, `Infinity` or `-Infinity`. */
  value: string;
  /** Whether any value before it was finite. */
  everFinite: boolean;
}

export interface Finding {
  /** Stable id, e.g. `kl-anchor-absent`; documented in docs of the same name. */
  id: string;
  severity: 'info' | 'warning';
  gate: GateName | null;
  /** One sentence; says "may" when nothing was measured. */
  message: string;
  /** The measured evidence; null when there is no report. */
  evidence: string | null;
  source: string;
  nextStep: string;
  concept: ConfigConcept | null;
  location: SourceLocation | null;
  /** A safe replacement of the text at `fix.location`, a value's place, if there is one. */
  fix: { title: string; newValue: string; location: SourceLocation } | null;
}

export interface TrainingEvidence {
  config: TrainingConfig | null;
  logs: LogSeries[];
  /** Present where a log ends in values that are not finite, or holds no others. */
  notFinite?: NotFiniteLog[];
  findings: Finding[];
  /** Peak learning rate and number of optimizer steps used by the metrics; null = unknown. */
  learningRatePeak: number | null;
  learningRateSum: number | null;
  steps: number | null;
  problems: Problem[];
}
