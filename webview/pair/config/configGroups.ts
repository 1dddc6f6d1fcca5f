// Config entries in reading order: what anchors the run first, then its steps, its precision, its length, its adapters.
import { valueText } from '../../../src/shared/text/configText.ts';
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

/** Entries whose key, value or source of a default holds every word of a text; all of them for an empty one. */
export function entriesFound(entries: readonly ConfigEntry[], text: string): ConfigEntry[] {
  const words = text.toLowerCase().split(/\s+/u).filter(Boolean);
  return entries.filter((entry) => {
    const said = `${entry.key} ${valueText(entry)} ${entry.concept} ${entry.defaultNote ?? ''}`.toLowerCase();
    return words.every((word) => said.includes(word));
  });
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
