// Reports of several pairs with one base, put beside each other.
import { ThreeGateError } from '../errors.ts';
import type { AnalysisOptions } from '../options/options.ts';
import { configDifferences } from './configDifferences.ts';
import type { CheckpointInfo, Report } from './report.ts';
import { sideBySideSchemaVersion, type SideBySideReport, type SideBySideRun } from './sideBySide.ts';

/** A report, and the file that it was read from; null where there is none. */
export interface SourcedReport {
  report: Report;
  file: string | null;
}

/** Throws `usage` for fewer than two reports, and for reports of different bases. */
export function putSideBySide(
  sources: readonly SourcedReport[],
  { version, elapsedMs }: Pick<SideBySideReport, 'version' | 'elapsedMs'>,
): SideBySideReport {
  const [first, ...others] = sources;
  if (first === undefined || others.length === 0)
    throw new ThreeGateError('usage', 'Two tuned checkpoints or more are needed to stand side by side.');
  for (const { report } of others) requireOneBase(first.report, report);
  const labels = distinctLabels(sources.map(({ report }) => report.pair.tuned));
  const reports = sources.map(({ report }) => report);
  return {
    schemaVersion: sideBySideSchemaVersion,
    version,
    base: first.report.pair.base,
    runs: sources.map((source, run) => runOf(source, labels[run] ?? '')),
    configs: configDifferences(reports.map(({ training }) => training.config)),
    notes: notesOn(reports, labels),
    elapsedMs,
  };
}

function runOf({ report, file }: SourcedReport, label: string): SideBySideRun {
  const { pair, status, summary, coverage, training } = report;
  const { regime, gates, kl, sync, geometry } = summary;
  const { config } = training;
  return {
    label,
    tuned: pair.tuned,
    reportFile: file,
    ...{ status, regime, gates, kl },
    geometryNull: geometry.value && {
      rotationMeanExpectedDeg: geometry.value.rotationMeanExpectedDeg,
      spectralDriftTopKExpected: geometry.value.spectralDriftTopKExpected,
    },
    coverage: coverage.share,
    ...(sync !== undefined && { sync }),
    config: config && {
      framework: config.framework,
      frameworkVersion: config.frameworkVersion,
      kind: config.kind,
      files: config.files,
    },
  };
}

/** The same place, or a copy that cannot be told from it by name and size. */
function requireOneBase({ pair: one }: Report, { pair: other }: Report): void {
  if (one.base.path === other.base.path || sizesOf(one.base) === sizesOf(other.base)) return;
  const message = `${one.tuned.label} was compared with ${one.base.path}, ${other.tuned.label} with ${other.base.path}: side by side stand checkpoints of one base. Analyse both with the same base.`;
  throw new ThreeGateError('usage', message);
}

function sizesOf({ label, parameters, tensors, dtypes }: CheckpointInfo): string {
  const kinds = Object.entries(dtypes).sort(([left], [right]) => left.localeCompare(right));
  return JSON.stringify([label, parameters, tensors, kinds]);
}

/** Labels as they are; where two are the same, with as many folders before them as tell them apart. */
function distinctLabels(infos: readonly CheckpointInfo[]): string[] {
  const segments = infos.map(({ path }) => path.split(/[/\\]/u).filter((segment) => segment !== ''));
  const deepest = Math.max(...segments.map(({ length }) => length));
  const own = infos.map(({ label }) => label);
  const longer = (run: number, depth: number): string => (segments[run] ?? []).slice(-depth).join('/');
  return own.map((label, run) => {
    const namesakes = own.flatMap((each, at) => (each === label && at !== run ? [at] : []));
    if (namesakes.length === 0) return label;
    for (let depth = label.split('/').length; depth <= deepest; depth += 1) {
      if (namesakes.every((at) => longer(at, depth) !== longer(run, depth))) return longer(run, depth);
    }
    return `${label} (${run + 1})`;
  });
}

const measuring: readonly (keyof AnalysisOptions)[] = [
  'rank',
  'alpha',
  'eta',
  'gates',
  'match',
  'sample',
  'fullSpectrum',
  'profile',
  'thresholds',
];

function notesOn(reports: readonly Report[], labels: readonly string[]): string[] {
  const different = measuring.filter(
    (name) => new Set(reports.map(({ options }) => JSON.stringify(options[name]))).size > 1,
  );
  const odd =
    different.length === 0
      ? []
      : [
          `They were analysed with different options (${different.join(', ')}): numbers and words may differ by that alone.`,
        ];
  const unfinished = reports.flatMap(({ status }, run) =>
    status === 'complete'
      ? []
      : [`The analysis of ${labels[run] ?? ''} is ${status}: it holds what was measured so far.`],
  );
  const sampled = reports.flatMap(({ sample }, run) =>
    sample === undefined ? [] : [`${labels[run] ?? ''} is a preview from a sample of its tensors.`],
  );
  const unread = reports.flatMap(({ coverage }, run) =>
    coverage.share >= 1 ? [] : [`Of ${labels[run] ?? ''} not every parameter was compared.`],
  );
  return [...odd, ...unfinished, ...sampled, ...unread];
}
