// Every option of an analysis once: what it may be, its default, its flag, its setting and its words. The command line, the
// settings and pair files read it; package.json, the pair file's schema and docs/command-line.md are held to it by tests.
import { gateNames, gemmChoices, type AnalysisOptions } from './options.ts';
import { analysisProfiles } from '../report/publishedStatistics.ts';
import type { NumberRule, Rule } from './rule.ts';
import { defaultThresholds } from './thresholds.ts';

interface OptionEntry<Value> {
  rule: Rule;
  default: Value;
  /** What the settings page and the schema of pair files say, in sentences. */
  explanation: string;
  /** On the command line: `--rank <k>`, and what its help says; null where it has no flag. */
  flag: readonly [flag: string, phrase: string] | null;
  /** Below `threeGate.`; null where it is no setting. */
  setting: string | null;
}

/** Names of the options that stand for themselves; the thresholds have a catalogue of their own. */
export type OptionName = Exclude<keyof AnalysisOptions, 'thresholds'>;

const count: NumberRule = { kind: 'integer', noun: 'whole number', least: 1 };

/** Flags and settings say memory in gigabytes, pair files and the engine in bytes. */
export const gigabytes = {
  rule: { kind: 'number', noun: 'number of gigabytes', least: 2 ** -6 },
  explanation: "Memory that an analysis may use, in GiB. Empty: a quarter of the machine's.",
  toBytes: (value: number): number => Math.floor(value * 2 ** 30),
} as const satisfies { rule: NumberRule; explanation: string; toBytes: (value: number) => number };

export const optionCatalogue: Readonly<{ [Name in OptionName]: OptionEntry<AnalysisOptions[Name]> }> = {
  rank: {
    rule: count,
    default: 128,
    explanation:
      'Number k of leading singular triplets that Gate II compares. Each matrix uses at most a quarter of its smaller side.',
    flag: ['--rank <k>', 'leading singular triplets per matrix'],
    setting: 'rank',
  },
  alpha: {
    rule: { kind: 'number', noun: 'share', above: 0, below: 1 },
    default: 0.3,
    explanation: 'Share of the weights that the principal and the low-magnitude masks hold.',
    flag: ['--alpha <share>', 'share of weights in the principal and low-magnitude masks'],
    setting: 'alpha',
  },
  eta: {
    rule: { kind: 'number', noun: 'number', least: 0, below: 1 },
    default: 1e-3,
    explanation:
      'Relative tolerance at which a weight counts as unchanged in bf16 (arXiv 2511.08567, Def. 2.1).',
    flag: ['--eta <tolerance>', 'relative tolerance of "unchanged" in the bf16 view'],
    setting: 'eta',
  },
  gates: {
    rule: { kind: 'list', of: gateNames },
    default: [...gateNames],
    explanation: 'Gates that are measured.',
    flag: ['--gates <list>', `which gates, comma-separated: ${gateNames.join(',')}`],
    setting: null,
  },
  match: {
    rule: { kind: 'pattern', orNull: true },
    default: null,
    explanation: 'Regular expression on tensor names: only tensors that match are analysed.',
    flag: ['--match <regex>', 'only tensors whose name matches'],
    setting: null,
  },
  sample: {
    rule: { kind: 'number', noun: 'share', above: 0, below: 1, orNull: true },
    default: null,
    explanation:
      'A preview: only about this share of the tensors is read, drawn with the seed from every kind of tensor over all layers. Its numbers come with confidence intervals, and its regime says that it is sampled. Empty: all tensors.',
    flag: ['--sample <share>', 'a preview from about this share of the tensors, such as 2%'],
    setting: null,
  },
  fullSpectrum: {
    rule: { kind: 'flag' },
    default: false,
    explanation: 'Compute all singular values of large matrices too, not only the leading ones. Slow.',
    flag: ['--full-spectrum', 'all singular values of large matrices too'],
    setting: 'fullSpectrum',
  },
  profile: {
    rule: { kind: 'choice', of: analysisProfiles },
    default: 'default',
    explanation: 'Which statistics of the published comparisons are computed, each as its source does.',
    flag: ['--profile <profile>', 'compute the published statistics where they are free, or all of them'],
    setting: 'profile',
  },
  engine: {
    rule: { kind: 'choice', of: gemmChoices },
    default: 'auto',
    explanation: 'Matrix-multiply engine.',
    flag: ['--engine <engine>', 'matrix engine'],
    setting: 'engine',
  },
  threads: {
    rule: { ...count, orNull: true },
    default: null,
    explanation: 'Threads that an analysis uses. Empty: one per core.',
    flag: ['--threads <n>', 'threads to use (default: one per core)'],
    setting: 'threads',
  },
  memoryBytes: {
    rule: {
      kind: 'integer',
      noun: 'whole number of bytes',
      least: gigabytes.toBytes(gigabytes.rule.least),
      orNull: true,
    },
    default: null,
    explanation: "Memory that an analysis may use, in bytes. Empty: a quarter of the machine's.",
    flag: [
      '--memory <gigabytes>',
      "memory for matrices that are decomposed or wait for it (default: a quarter of the machine's)",
    ],
    setting: 'memoryGigabytes',
  },
  seed: {
    rule: { kind: 'integer', noun: 'whole number', least: 0, most: 2 ** 32 - 1 },
    default: 20_251_108,
    explanation: 'Seed of the random start of every decomposition, of the null and of a sample.',
    flag: ['--seed <n>', 'seed of random starts, of the null and of a sample'],
    setting: null,
  },
  residualTolerance: {
    rule: { kind: 'number', noun: 'number', above: 0 },
    default: 1e-6,
    explanation: 'Residual at which a singular triplet counts as converged, relative to the largest one.',
    flag: null,
    setting: null,
  },
  useCache: {
    rule: { kind: 'flag' },
    default: true,
    explanation:
      'Keep results per tensor on disk, so that a second analysis of the same weights is quick. Three-Gate: Clear Cache removes them.',
    flag: ['--no-cache', 'compute anew and remember nothing'],
    setting: 'cache',
  },
  cacheGigabytes: {
    rule: { kind: 'number', noun: 'number of gigabytes', least: 0 },
    default: 8,
    explanation:
      'Disk space for the results that are remembered, in GB; what was used longest ago goes first. The triplets of a 70B base take about 10 GB.',
    flag: ['--cache-size <gigabytes>', 'disk space for the results that are remembered'],
    setting: 'cacheGigabytes',
  },
  remoteCacheGigabytes: {
    rule: { kind: 'number', noun: 'number of gigabytes', least: 0 },
    default: 20,
    explanation:
      'Disk space for what was read of remote checkpoints, in GB; what was used longest ago goes first.',
    flag: ['--remote-cache <gigabytes>', 'disk space for what was read of remote checkpoints'],
    setting: 'remoteCacheGigabytes',
  },
};

export const optionNames = Object.keys(optionCatalogue) as readonly OptionName[];

export const defaultOptions: Readonly<AnalysisOptions> = {
  rank: optionCatalogue.rank.default,
  alpha: optionCatalogue.alpha.default,
  eta: optionCatalogue.eta.default,
  gates: optionCatalogue.gates.default,
  match: optionCatalogue.match.default,
  sample: optionCatalogue.sample.default,
  fullSpectrum: optionCatalogue.fullSpectrum.default,
  profile: optionCatalogue.profile.default,
  engine: optionCatalogue.engine.default,
  threads: optionCatalogue.threads.default,
  memoryBytes: optionCatalogue.memoryBytes.default,
  seed: optionCatalogue.seed.default,
  residualTolerance: optionCatalogue.residualTolerance.default,
  useCache: optionCatalogue.useCache.default,
  cacheGigabytes: optionCatalogue.cacheGigabytes.default,
  remoteCacheGigabytes: optionCatalogue.remoteCacheGigabytes.default,
  thresholds: defaultThresholds,
};
