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

/** "unchanged in bf16 78.9 %; 75.2 % … 82.6 % if the rest is like it, 18.8 % … 94.6 % whatever it holds" */
export function soFarNumber(number: PreliminaryNumber): string {
  const words = metricWords(number.metric);
  if (words === null) return number.metric;
  const ranges = rangesOf(number).map(({ text, when }) => `${text} ${when}`);
  return [
    `${words.phrase} ${words.format(number.value)}`,
    ...(ranges.length === 0 ? [] : [ranges.join(', ')]),
  ].join('; ');
}

/** Where it will lie; both in one where the rest being like it says nothing more. */
function rangesOf({ metric, low, high, least, most }: PreliminaryNumber): { text: string; when: string }[] {
  const format = metricWords(metric)?.format ?? String;
  const range = (from: number | null, to: number | null, when: string): { text: string; when: string }[] =>
    from === null || to === null ? [] : [{ text: `${format(from)} … ${format(to)}`, when }];
  const possible = range(least, most, 'whatever it holds');
  return low === least && high === most
    ? possible
    : [...range(low, high, 'if the rest is like it'), ...possible];
}

/** What may become of one gate: "So far off-principal; the rest can still make it mixed: mean rotation 0.02° … 13.6°." */
export function soFarGate(
  { gate, verdict, firmness, canBecome }: PreliminaryGate,
  numbers: readonly PreliminaryNumber[],
): string {
  const own = numbers.filter(({ metric }) => metricWords(metric)?.gate === gate);
  if (firmness === 'open') {
    const others = canBecome.filter((word) => word !== verdict);
    const words = others.map((word) => (word === 'unknown' ? 'not measured' : word));
    const known = own.filter(({ undecided, low, high }) => undecided && low !== null && high !== null);
    const why = known.map(
      (each) => `${metricWords(each.metric)?.phrase ?? ''} ${rangesOf(each)[0]?.text ?? ''}`,
    );
    if (verdict === 'unknown') return 'Not known yet.';
    const causes = why.length === 0 ? '' : `: ${why.join(', ')}`;
    return `So far ${verdict}; the rest can still make it ${wordList(words, 'or')}${causes}.`;
  }
  const condition = firmness === 'settled' ? 'whatever the rest holds' : 'if the rest is like it (95 %)';
  const [only] = own.length === 1 ? own : [];
  const ranges = only === undefined || only.low === only.high ? [] : rangesOf(only);
  const [first, second] = ranges.map(({ text }) => text);
  const numbersSaid = first === undefined ? '' : `: ${first}`;
  const possible = firmness === 'expected' && second !== undefined ? `; whatever it holds: ${second}` : '';
  return `Stays ${verdict} ${condition}${numbersSaid}${possible}.`;
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
