// A preliminary verdict in words, for every surface: from how much of the pair, what it is so far, and what the rest can still
// make of it.
import type {
  Firmness,
  PreliminaryGate,
  PreliminaryNumber,
  PreliminaryVerdict,
} from '../report/preliminary.ts';
import { lowerFirst } from './format.ts';
import { gateCatalogue } from './gates.ts';
import { metricWords } from './metrics.ts';
import { regimeCatalogue } from './regimeText.ts';
import { wordList } from './wordList.ts';

/** Share of the parameters that all three gates rest on. */
export function soFarShare({ readShare, decomposedShare }: PreliminaryVerdict): number {
  return Math.min(readShare, decomposedShare ?? readShare);
}

/** "So far, from 12 % of the parameters: in the range of published RLVR runs" */
export function soFarHead(verdict: PreliminaryVerdict): string {
  const percent = Math.floor(100 * soFarShare(verdict));
  if (isBare(verdict)) return 'So far: nothing was measured whole';
  return `So far, from ${percent} % of the parameters: ${lowerFirst(regimeCatalogue[verdict.regime].headline)}`;
}

/** What the rest can still make of the regime, and of which gates, in one sentence. */
export function soFarSentence(verdict: PreliminaryVerdict): string {
  const { firmness, canBecome, regime, gates } = verdict;
  const others = canBecome.filter((name) => name !== regime);
  const open = gates.filter((gate) => gate.firmness === 'open');
  const still = open.length === 0 ? '' : ` Still open: ${wordList(open.map(openGate))}.`;
  if (isBare(verdict)) return 'What the rest will be is not known yet.';
  if (firmness === 'open') {
    return `The rest can still make it ${wordList(
      others.map((name) => `“${regimeCatalogue[name].title}”`),
      'or',
    )}.${still}`;
  }
  return `${firmWords[firmness]}${still}`;
}

const firmWords: Readonly<Record<Exclude<Firmness, 'open'>, string>> = {
  settled: 'Whatever the rest holds, it stays so.',
  expected: 'If the rest is like it, it stays so (95 % intervals).',
};

/** "unchanged in bf16 78.9 %; 75.2 % … 82.6 % expected, 18.8 % … 94.6 % possible" */
export function soFarNumber({ metric, value, low, high, least, most }: PreliminaryNumber): string {
  const words = metricWords(metric);
  if (words === null) return metric;
  const range = (from: number | null, to: number | null, kind: string): string[] => {
    if (from === null && to === null) return [];
    if (from !== null && to !== null) return [`${words.format(from)} … ${words.format(to)} ${kind}`];
    return from === null || from === 0 ? [] : [`at least ${words.format(from)} ${kind}`];
  };
  const ranges = [
    ...range(low, high, 'expected'),
    ...(low === least && high === most ? [] : range(least, most, 'possible')),
  ];
  return [`${words.phrase} ${words.format(value)}`, ...(ranges.length === 0 ? [] : [ranges.join(', ')])].join(
    '; ',
  );
}

/** What may become of one gate: "off-principal so far; can still become mixed". */
export function soFarGate({ verdict, firmness, canBecome }: PreliminaryGate): string {
  if (verdict === 'unknown' && firmness === 'open') return 'Not known yet.';
  if (firmness !== 'open') return `So far ${verdict}. ${firmWords[firmness]}`;
  const others = canBecome.filter((word) => word !== verdict);
  const words = others.map((word) => (word === 'unknown' ? 'not measured' : word));
  return `So far ${verdict}; the rest can still make it ${wordList(words, 'or')}.`;
}

/** The numbers that a gate rests on. */
export function numbersOfGate(
  { numbers }: PreliminaryVerdict,
  gate: PreliminaryGate['gate'],
): PreliminaryNumber[] {
  return numbers.filter(({ metric }) => metricWords(metric)?.gate === gate);
}

function openGate({ gate, verdict }: PreliminaryGate): string {
  const { phrase } = gateCatalogue[gate];
  return verdict === 'unknown' ? phrase : `${phrase} (${verdict} so far)`;
}

/** Nothing was measured yet that all gates rest on. */
function isBare(verdict: PreliminaryVerdict): boolean {
  return soFarShare(verdict) === 0;
}
