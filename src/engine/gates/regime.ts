// In whose published range the footprint of the whole model lies, what of it is left beyond its size, and what config or log
// say of the kind of training: three sentences, and never a claim how the run was made. Named only when enough of the
// parameters and at least two gates were measured.
import { formatShare } from '../../shared/text/format.ts';
import { gateCatalogue } from '../../shared/text/gates.ts';
import { metricCatalogue, type MetricName } from '../../shared/text/metrics.ts';
import { regimeCatalogue } from '../../shared/text/regimeText.ts';
import type { Thresholds } from '../../shared/options/options.ts';
import type { TrainingEvidence } from '../../shared/report/training.ts';
import type { GateVerdict, GateVerdicts, Regime, RegimeName } from '../../shared/report/verdicts.ts';
import { beyondSizeSentence, evidenceSentence } from './regimeWords.ts';
import { wordList } from '../../shared/text/wordList.ts';

/** What the regime rests on beside the gates. */
export interface RegimeEvidence {
  gates: GateVerdicts;
  /** Compared share of all parameters, 0…1. */
  coverage: number;
  /** Every compared element is bitwise equal, and something was compared. */
  unchanged: boolean;
  /** Share of all parameters that are stored packed and were not compared for it, 0…1. */
  packed: number;
  /** Where all that changed is rounding, one sentence that says how; else null. */
  rounding: string | null;
  /** What is known of the training beside the weights. */
  training: Pick<TrainingEvidence, 'config' | 'logs'>;
}

/** How many gates must have been measured for a regime to be named. */
const neededGates = 2;

export function nameRegime(evidence: RegimeEvidence, thresholds: Thresholds): Regime {
  const found = footprintOf(evidence, thresholds);
  const moved = !still.has(found.name);
  return {
    ...found,
    beyondSize: moved ? beyondSizeSentence(evidence.gates) : null,
    evidence: evidenceSentence(found.name, evidence.training),
  };
}

/** Nothing moved, or it is not known what did. */
const still: ReadonlySet<Regime['name']> = new Set(['unchanged', 'inconclusive', 'rounding', 'not-weights']);

type Footprint = Pick<Regime, 'name' | 'headline' | 'sentence'>;

function footprint(name: RegimeName, inWords: string): Footprint {
  return { name, headline: regimeCatalogue[name].headline, sentence: inWords };
}

function footprintOf(
  { gates, coverage, unchanged, packed, rounding }: RegimeEvidence,
  thresholds: Thresholds,
): Footprint {
  const all: GateVerdict[] = [gates.anchor, gates.geometry, gates.precision];
  if (coverage < thresholds.coverage && keepsApart(packed, coverage, thresholds)) {
    return footprint(
      'not-weights',
      `${formatShare(packed)} of the parameters are packed or quantised, and their values were not compared: name the checkpoints that they were quantised from.`,
    );
  }
  if (coverage < thresholds.coverage) {
    const needed = formatShare(thresholds.coverage);
    // Rounded down, so that what falls short is never shown as having reached the limit.
    return inconclusive(
      `${formatShare(Math.floor(coverage * 1000) / 1000)} of the parameters were compared, and ${needed} are needed`,
    );
  }
  if (unchanged) {
    return footprint(
      'unchanged',
      'The two checkpoints are the same: every compared element is bitwise equal.',
    );
  }
  if (rounding !== null) {
    return footprint('rounding', `The differences are rounding, no training is visible: ${rounding}.`);
  }
  const measured = all.filter(({ standing }) => standing !== 'unknown');
  if (measured.length < neededGates) {
    const which =
      measured.length === 0 ? 'no gate was measured' : `only the ${gateNamed(measured)} gate was measured`;
    return inconclusive(`${which}, and ${neededGates} are needed`);
  }
  const holding = all.filter(({ standing }) => standing === 'holds');
  const broken = all.filter(({ standing }) => standing === 'broken');
  const phrases = sentenceOf(gates);
  if (holding.length >= neededGates && broken.length === 0) {
    return footprint('rlvr-range', sentence(phrases));
  }
  if (broken.length >= neededGates && holding.length === 0) {
    return footprint('sft-range', sentence(phrases));
  }
  const verdict = (some: GateVerdict[], words: string): string =>
    some.length === 0 ? `no gate ${words}` : `${wordList(some.map(gateTitle))} ${words}`;
  const holds = verdict(holding, holding.length > 1 ? 'hold' : 'holds');
  const breaks = verdict(broken, broken.length > 1 ? 'are broken' : 'is broken');
  return footprint('mixed', `The gates do not agree: ${holds} and ${breaks}; ${phrases}.`);
}

/** Whether packed storage is what keeps the coverage from being reached, or most of it. */
function keepsApart(packed: number, coverage: number, thresholds: Thresholds): boolean {
  return packed > 0 && (coverage + packed >= thresholds.coverage || 2 * packed >= 1 - coverage);
}

function inconclusive(why: string): Footprint {
  return footprint('inconclusive', `No regime can be named: ${why}.`);
}

function sentence(phrases: string): string {
  return `${phrases.charAt(0).toUpperCase()}${phrases.slice(1)}.`;
}

/** What each word means to a reader, followed by the number it rests on. */
const said: Record<string, string> = {
  anchored: 'the weights stayed close to the base',
  loose: 'the weights moved moderately away from the base',
  drifting: 'the weights moved far from the base',
  'off-principal': 'the changes avoid the principal directions',
  mixed: 'the changes neither avoid nor follow the principal directions',
  'on-principal': 'the changes reshape the principal directions',
};

function sentenceOf(gates: GateVerdicts): string {
  return wordList([describe(gates.anchor), describe(gates.geometry), describe(gates.precision)]);
}

function describe({ gate, verdict, readings }: GateVerdict): string {
  if (verdict === 'unknown') return `${gateCatalogue[gate].phrase} was not measured`;
  const value = (metric: string): number | null =>
    readings.find((reading) => reading.metric === metric)?.value ?? null;
  if (gate === 'precision') {
    return `${formatShare(value('sparsityBf16'))} of the elements are unchanged in bf16`;
  }
  const measured =
    gate === 'anchor'
      ? named('relativeDrift', value('relativeDrift'))
      : named('rotationMeanDeg', value('rotationMeanDeg'));
  return `${said[verdict] ?? verdict} (${measured})`;
}

/** "rotation 0.14°" */
function named(metric: MetricName, value: number | null): string {
  const { phrase, format } = metricCatalogue[metric];
  return `${phrase} ${format(value)}`;
}

function gateNamed(gates: GateVerdict[]): string {
  return wordList(gates.map(({ gate }) => gate));
}

function gateTitle({ gate }: GateVerdict): string {
  return gateCatalogue[gate].phrase;
}
