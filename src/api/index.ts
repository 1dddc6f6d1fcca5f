// The package as a program has it: `import { analyze } from 'three-gate'`. Everything that a caller can name is exported here, and
// dist/api.d.cts is made of it. The same engine process computes as for the command line.
export { schemaVersions, version } from './versions.ts';
export { analyze, type AnalyzeSettings } from './analyze.ts';
export { compareRuns, type CompareRunsSettings } from './compareRuns.ts';
export { inspect } from './inspect.ts';
export { advise, type AdviseSettings } from './advise.ts';
export type { Following } from './following.ts';
export type { Settings } from './settings.ts';
export type { OptionOverrides } from '../shared/options/optionOverrides.ts';
export type { AnalysisOptions, GateName, Thresholds } from '../shared/options/options.ts';
export { applyAnalysisEvent, type AnalysisEvent, type Progress } from '../shared/protocol/analysisEvents.ts';
export type { CheckpointListing, TensorEntry } from '../shared/protocol/engineProtocol.ts';
export { ThreeGateError, type Problem, type ProblemCode } from '../shared/errors.ts';
export { parseReport } from '../shared/text/parseReport.ts';
export type { Report } from '../shared/report/report.ts';
export type { RunsReport } from '../shared/report/runsReport.ts';
export type { Finding, TrainingEvidence } from '../shared/report/training.ts';
