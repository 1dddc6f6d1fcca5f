// One thing that is said of every checkpoint that stands side by side.
import type { GateName } from '../options/options.ts';
import type { BeyondReading, GateStanding } from '../report/verdicts.ts';

export interface SideBySideCell {
  text: string;
  /** At full precision, to be sorted and computed with. */
  value: string | number | null;
  /** Of a gate's word. */
  standing?: GateStanding;
  /** Of a number that has a size-matched null. */
  beyond?: Pick<BeyondReading, 'expected' | 'word'>;
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
