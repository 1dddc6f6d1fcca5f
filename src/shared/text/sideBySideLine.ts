// One thing that is said of every checkpoint that stands side by side.
import type { GateName } from '../options/options.ts';
import type { BeyondReading, GateStanding } from '../report/verdicts.ts';

export interface SideBySideCell {
  /** Without what stands behind a number. */
  text: string;
  /** At full precision, to be sorted and computed with. */
  value: string | number | null;
  /** Of a gate's word. */
  standing?: GateStanding;
  /** Of a number that has a size-matched null: the null's mean with its range, and the word for the difference with its factor. */
  beyond?: Pick<BeyondReading, 'expected' | 'word'> & { random: string; words: string };
}

/** "0.14°, less (×0.72)" */
export function cellText({ text, beyond }: SideBySideCell): string {
  return beyond === undefined ? text : `${text}, ${beyond.words}`;
}

export interface SideBySideLine {
  /** The report's own name of it; `config.` and a concept for a setting. */
  id: string;
  title: string;
  /** `run` is what a checkpoint is, `verdict` what is said of the whole of it. */
  group: 'run' | 'verdict' | GateName | 'config';
  /** Of a number among the readings of its gate. */
  isReading?: true;
  /** What it means. */
  definition: string;
  /** Of each run, in their order. */
  cells: SideBySideCell[];
}
