// What limits may name that is a word and not a number: the regime, gate words, readings beyond size, and equality.
import { gateNames, type GateName } from '../../shared/options/options.ts';
import type { BeyondWord } from '../../shared/report/verdicts.ts';
import { gateCatalogue, gateHeading } from '../../shared/text/gates.ts';
import { metricTitle } from '../../shared/text/metrics.ts';
import { regimeCatalogue } from '../../shared/text/regimeText.ts';
import { allScopes, type WordEntry } from './metricEntry.ts';

const beyondWords: readonly BeyondWord[] = ['less', 'as random', 'more', 'unknown'];

/** Metrics with a reading beyond size, and the gate that has it. */
const beyondMetrics: readonly (readonly [GateName, string])[] = [
  ['precision', 'sparsityBf16'],
  ['geometry', 'rotationMeanDeg'],
  ['geometry', 'spectralDriftTopK'],
  ['geometry', 'principalLift'],
  ['geometry', 'lowMagnitudeLift'],
  ['geometry', 'principalEnergy'],
];

const regime: WordEntry = {
  name: 'regime',
  title: 'In whose published range the footprint lies',
  kind: 'word',
  scopes: ['whole'],
  gate: null,
  words: Object.keys(regimeCatalogue),
  unmeasured: ['inconclusive', 'not-weights'],
  read({ report }) {
    if (report === null) return { word: null, reason: 'only the whole model has a regime' };
    return { word: report.summary.regime.name, reason: report.summary.regime.sentence };
  },
};

function gateWord(gate: GateName): WordEntry {
  return {
    name: gate,
    title: `Word of ${gateHeading(gate)}`,
    kind: 'word',
    scopes: allScopes,
    gate,
    words: Object.values(gateCatalogue[gate].words),
    unmeasured: ['unknown'],
    read({ verdicts }) {
      if (verdicts === null) return { word: null, reason: 'it was not compared' };
      return { word: verdicts[gate].verdict, reason: verdicts[gate].rule };
    },
  };
}

function beyondWord([gate, metric]: readonly [GateName, string]): WordEntry {
  return {
    name: `${metric}Beyond`,
    title: `${metricTitle(metric)} against a random update of the same size`,
    kind: 'word',
    scopes: allScopes,
    gate,
    words: beyondWords,
    unmeasured: ['unknown'],
    read({ verdicts }) {
      const found = verdicts?.[gate].beyondSize?.readings.find((each) => each.metric === metric);
      if (found === undefined) {
        return { word: null, reason: verdicts?.[gate].beyondSize?.words ?? 'it has no size-matched null' };
      }
      return { word: found.word, reason: found.reason };
    },
  };
}

const identical: WordEntry = {
  name: 'identical',
  title: 'Every element bitwise equal as stored',
  kind: 'word',
  scopes: ['tensor'],
  gate: null,
  words: ['true', 'false'],
  unmeasured: [],
  read({ tensor }) {
    if (tensor === null || tensor.status === 'pending' || tensor.status === 'unreadable') {
      return { word: null, reason: tensor?.problem?.message ?? 'it was not read' };
    }
    return { word: String(tensor.identical), reason: null };
  },
};

export const words: readonly WordEntry[] = [
  regime,
  ...gateNames.map(gateWord),
  ...beyondMetrics.map(beyondWord),
  identical,
];
