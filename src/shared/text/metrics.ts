// Every measured number that has a name for people, once: what it is called where, its unit, one sentence on it, its source, and
// how it is written. Tables, verdicts, hovers and the panel read it; field names are those of the report.
import type { GateName } from '../options/options.ts';
import { formatDegrees, formatLift, formatNumber, formatShare } from './format.ts';

export type MetricName =
  | 'sparsityBf16'
  | 'oneStepShare'
  | 'hiddenByBf16'
  | 'unchangedAbs1e5'
  | 'absorbedShare'
  | 'relativeDrift'
  | 'kl'
  | 'topPercentEnergy'
  | 'spectralDriftTopK'
  | 'rotationMeanDeg'
  | 'principalLift'
  | 'lowMagnitudeLift'
  | 'principalEnergy';

interface MetricWords {
  gate: GateName;
  /** For headings, with unit and explanation at hand. */
  title: string;
  /** Where the title stands alone, and says too little. */
  fullTitle?: string;
  /** For a narrow column. */
  short: string;
  /** Within a sentence, before its value: "spectral drift". */
  phrase: string;
  unit: string;
  /** One sentence. */
  explanation: string;
  source: string;
  format: (value: number | null) => string;
  /** A limit as someone would write it: 0.188 → "18.8 %". */
  formatLimit: (limit: number) => string;
  /** Of a reading that is held against its null: "less …" in a sentence, and after a sign. */
  beyond?: { phrase: string; sign: string };
}

const paper = 'Zhu et al., arXiv 2511.08567';
const share = {
  format: formatShare,
  formatLimit: (limit: number): string => `${Number((limit * 100).toPrecision(6))} %`,
};
const number = { format: formatNumber, formatLimit: String };
const degrees = { format: formatDegrees, formatLimit: (limit: number): string => `${limit}°` };
const lift = { format: formatLift, formatLimit: (limit: number): string => `×${limit}` };

export const metricCatalogue: Readonly<Record<MetricName, MetricWords>> = {
  sparsityBf16: {
    gate: 'precision',
    title: 'Unchanged in bf16',
    short: 'unchanged',
    phrase: 'unchanged in bf16',
    unit: '% of weights',
    explanation: 'Share of weights whose bf16 value did not move, at a relative tolerance of 1e-3.',
    source: `${paper}, Def. 2.1–2.2`,
    ...share,
    beyond: { phrase: 'unchanged in bf16', sign: 'unchanged' },
  },
  oneStepShare: {
    gate: 'precision',
    title: 'Single bf16 steps',
    short: '1-step',
    phrase: 'single bf16 steps',
    unit: '% of changed weights',
    explanation: 'Of the changed weights, the share that moved by exactly one representable bf16 value.',
    source: paper,
    ...share,
  },
  hiddenByBf16: {
    gate: 'precision',
    title: 'Hidden by bf16',
    short: 'hidden',
    phrase: 'hidden by bf16',
    unit: '% of changes as stored',
    explanation: 'Of the weights that differ as stored, the share that bf16 rounding hides.',
    source: paper,
    ...share,
  },
  unchangedAbs1e5: {
    gate: 'precision',
    title: 'Within 1e-5 absolute',
    short: '≤ 1e-5',
    phrase: 'within 1e-5',
    unit: '% of weights',
    explanation: 'Share with |ŵ − w| ≤ 1e-5: only to compare with other tools, it miscounts small weights.',
    source: 'Mukherjee et al., arXiv 2505.11711',
    ...share,
  },
  absorbedShare: {
    gate: 'precision',
    title: 'Absorbed steps',
    short: 'absorbed',
    phrase: 'absorbed steps',
    unit: '% of weights',
    explanation:
      'Share of weights whose half bf16 step exceeds the peak learning rate: one Adam step is lost there if weights are kept in bf16.',
    source: `${paper}, Gate III`,
    ...share,
  },
  relativeDrift: {
    gate: 'anchor',
    title: 'Relative drift',
    fullTitle: 'Relative drift ‖Δ‖/‖W‖',
    short: 'drift',
    phrase: 'relative drift',
    unit: '‖Δ‖/‖W‖',
    explanation: 'Frobenius norm of the update over that of the base weights.',
    source: `${paper}, Gate I; thresholds are this tool's`,
    ...number,
  },
  kl: {
    gate: 'anchor',
    title: 'KL to reference',
    fullTitle: 'KL to the reference, from the log',
    short: 'KL',
    phrase: 'logged KL',
    unit: 'nats per token',
    explanation:
      'The last logged divergence from the reference policy, in nats per token; from the training log alone.',
    source: 'the training log',
    ...number,
  },
  topPercentEnergy: {
    gate: 'anchor',
    title: 'Energy of the top 1 %',
    short: 'top 1 %',
    phrase: 'energy of the top 1 %',
    unit: '% of ‖Δ‖²',
    explanation: "Share of the update's energy in the 1 % of elements that moved most.",
    source: 'this tool',
    ...share,
  },
  spectralDriftTopK: {
    gate: 'geometry',
    title: 'Spectral drift',
    fullTitle: 'Spectral drift, top k',
    short: 'σ drift',
    phrase: 'spectral drift',
    unit: '‖σ̂−σ‖/‖σ‖',
    explanation: 'Change of the k leading singular values, relative to their norm.',
    source: 'arXiv 2606.07082, after Zhu et al.',
    ...number,
    beyond: { phrase: 'spectral drift', sign: 'drift' },
  },
  rotationMeanDeg: {
    gate: 'geometry',
    title: 'Mean rotation',
    short: 'rotation',
    phrase: 'rotation',
    unit: 'degrees',
    explanation: 'Mean principal angle between the k-dimensional leading subspaces of base and tuned.',
    source: 'arXiv 2606.07082; angles after Björck & Golub 1973',
    ...degrees,
    beyond: { phrase: 'rotation', sign: 'rotation' },
  },
  principalLift: {
    gate: 'geometry',
    title: 'Principal lift',
    short: 'principal',
    phrase: 'principal lift',
    unit: '× random',
    explanation:
      'How often principal weights changed, over chance: ×1 is random, below it updates keep off the principal weights.',
    source: `${paper}; principal weights as in LIFT, arXiv 2506.00772`,
    ...lift,
    beyond: { phrase: 'on principal weights', sign: 'principal' },
  },
  lowMagnitudeLift: {
    gate: 'geometry',
    title: 'Low-magnitude lift',
    short: 'low-mag.',
    phrase: 'low-magnitude lift',
    unit: '× random',
    explanation:
      'How often the smallest weights changed, over chance: ×1 is random, above it updates prefer them.',
    source: paper,
    ...lift,
    beyond: { phrase: 'on low-magnitude weights', sign: 'low' },
  },
  principalEnergy: {
    gate: 'geometry',
    title: 'Principal energy',
    fullTitle: 'Energy in the leading subspaces',
    short: 'princ. energy',
    phrase: 'energy in the leading subspaces',
    unit: '% of ‖Δ‖²',
    explanation: 'Share of the update that lies in both leading subspaces; random would be k²/mn.',
    source: paper,
    format: formatShare,
    formatLimit: String,
    beyond: { phrase: 'energy in the leading subspaces', sign: 'energy' },
  },
};

/** A metric that a report names; null for one that is not known here. */
export function metricWords(metric: string): MetricWords | null {
  return isMetric(metric) ? metricCatalogue[metric] : null;
}

function isMetric(metric: string): metric is MetricName {
  return Object.hasOwn(metricCatalogue, metric);
}

/** What a metric is called where nothing else explains it. */
export function metricTitle(metric: string): string {
  const words = metricWords(metric);
  return words?.fullTitle ?? words?.title ?? metric;
}

export function formatMetric(metric: string, value: number | null): string {
  return (metricWords(metric)?.format ?? formatNumber)(value);
}

/** A limit as someone would write it: 0.188 → "18.8 %", 5e-3 → "0.005", 1 → "1°". */
export function formatLimit(metric: string, limit: number): string {
  return (metricWords(metric)?.formatLimit ?? String)(limit);
}
