// The three gates in words, once: number, name, what each asks, and the word of its verdict for every standing.
import type { GateName } from '../options/options.ts';
import type { AnchorWord, GateStanding, GeometryWord, PrecisionWord } from '../report/verdicts.ts';

interface GateWords<Word extends string = string> {
  numeral: string;
  /** As a heading. */
  title: string;
  /** Within a sentence. */
  phrase: string;
  question: string;
  words: Readonly<Record<GateStanding, Word>>;
}

interface Gates extends Record<GateName, GateWords> {
  anchor: GateWords<AnchorWord>;
  geometry: GateWords<GeometryWord>;
  precision: GateWords<PrecisionWord>;
}

export const gateCatalogue: Readonly<Gates> = {
  anchor: {
    numeral: 'I',
    title: 'KL anchor',
    phrase: 'the KL anchor',
    question: 'Did the weights stay close to the base?',
    words: { holds: 'anchored', middle: 'loose', broken: 'drifting', unknown: 'unknown' },
  },
  geometry: {
    numeral: 'II',
    title: 'Model geometry',
    phrase: 'model geometry',
    question: 'Did the updates keep off the principal directions?',
    words: { holds: 'off-principal', middle: 'mixed', broken: 'on-principal', unknown: 'unknown' },
  },
  precision: {
    numeral: 'III',
    title: 'Precision',
    phrase: 'precision',
    question: 'Did bf16 keep most weights where they were?',
    words: { holds: 'masked', middle: 'partial', broken: 'dense', unknown: 'unknown' },
  },
};

/** "Gate II · model geometry" */
export function gateHeading(gate: GateName): string {
  const { numeral, phrase } = gateCatalogue[gate];
  return `Gate ${numeral} · ${phrase.replace(/^the /u, '')}`;
}
