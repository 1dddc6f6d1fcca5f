// Config entries in reading order: what anchors the run first, then its steps, its precision, its length, its adapters.
import type { ConfigConcept, ConfigEntry, Finding } from '../../../src/shared/report/training.ts';

const groups: readonly { title: string; concepts: readonly ConfigConcept[] }[] = [
  {
    title: 'Algorithm and KL',
    concepts: [
      'algorithm',
      'klCoefficient',
      'klEstimator',
      'klPlacement',
      'referenceModel',
      'referenceSync',
      'lossType',
      'clipRange',
      'clipRangeHigh',
      'groupSize',
      'iterationsPerBatch',
      'temperature',
      'entropyCoefficient',
    ],
  },
  {
    title: 'Steps',
    concepts: [
      'learningRate',
      'schedule',
      'warmup',
      'optimizer',
      'adamBeta1',
      'adamBeta2',
      'weightDecay',
      'maxGradNorm',
    ],
  },
  {
    title: 'Precision',
    concepts: ['mixedPrecision', 'weightDtype', 'masterWeights', 'launcher', 'gatherOnSave'],
  },
  { title: 'Length', concepts: ['maxSteps', 'epochs', 'batchSize', 'gradientAccumulation', 'seed'] },
  {
    title: 'Adapters',
    concepts: ['peftMethod', 'peftInit', 'peftRank', 'peftAlpha', 'peftTargets', 'peftVariant', 'baseModel'],
  },
];

interface ConfigGroup {
  title: string;
  entries: ConfigEntry[];
}

export function configGroups(entries: readonly ConfigEntry[]): ConfigGroup[] {
  return groups
    .map(({ title, concepts }) => ({
      title,
      entries: concepts.flatMap((concept) => entries.filter((entry) => entry.concept === concept)),
    }))
    .filter((group) => group.entries.length > 0);
}

/** Positions, from 1, of the findings about an entry: they stand beside it like footnotes. */
export function findingNumbers(entry: ConfigEntry, findings: readonly Finding[]): number[] {
  return findings.flatMap((finding, index) => (finding.concept === entry.concept ? [index + 1] : []));
}
