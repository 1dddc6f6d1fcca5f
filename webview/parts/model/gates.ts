// What the three gates are called, what each asks, and the words for where a verdict stands, as the panel lists them.
import type { GateName } from '../../../src/shared/options/options.ts';
import type { GateStanding, GateWord } from '../../../src/shared/report/verdicts.ts';
import { gateCatalogue } from '../../../src/shared/text/gates.ts';

export const gateTitles = gateCatalogue;

export const standings = ['holds', 'middle', 'broken'] as const satisfies readonly GateStanding[];

export const standingWords: Record<GateName, Readonly<Record<(typeof standings)[number], GateWord>>> = {
  anchor: gateCatalogue.anchor.words,
  geometry: gateCatalogue.geometry.words,
  precision: gateCatalogue.precision.words,
};
