// What the three gates are called, what each asks, and the words for where a verdict stands.
import type { GateName } from '../../../src/shared/options.ts';
import type { GateStanding, GateWord } from '../../../src/shared/report/verdicts.ts';

interface GateTitle {
  numeral: string;
  title: string;
  question: string;
}

export const gateTitles: Record<GateName, GateTitle> = {
  anchor: { numeral: 'I', title: 'KL anchor', question: 'Did the weights stay close to the base?' },
  geometry: {
    numeral: 'II',
    title: 'Model geometry',
    question: 'Did the updates keep off the principal directions?',
  },
  precision: { numeral: 'III', title: 'Precision', question: 'Did bf16 keep most weights where they were?' },
};

export const standings = ['holds', 'middle', 'broken'] as const satisfies readonly GateStanding[];

export const standingWords: Record<GateName, Record<(typeof standings)[number], GateWord>> = {
  anchor: { holds: 'anchored', middle: 'loose', broken: 'drifting' },
  geometry: { holds: 'off-principal', middle: 'mixed', broken: 'on-principal' },
  precision: { holds: 'masked', middle: 'partial', broken: 'dense' },
};
