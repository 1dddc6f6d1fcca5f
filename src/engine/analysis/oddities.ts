// What is told of a pair beside its numbers: whether all that changed is rounding, and what is NaN or infinite on a side.
import { problem, type Problem } from '../../shared/errors.ts';
import { formatCount, lowerFirst } from '../../shared/text/format.ts';
import type { TensorReport } from '../../shared/report/report.ts';
import type { TensorPair } from '../checkpoint/checkpoint.ts';
import type { StreamTotals } from '../kernels/tensorStreamer.ts';

/** The tensors that changed, and how many of them only by rounding. */
export class Changes {
  tensors = 0;
  private rounded = 0;
  /** By place in the plan. */
  private readonly words = new Map<number, string>();

  add(index: number, { rounding }: TensorReport): void {
    this.tensors += 1;
    if (rounding === undefined || rounding === null) return;
    this.rounded += 1;
    this.words.set(index, rounding.words);
  }

  /** How, in a clause; null where something changed otherwise, or nothing did. */
  rounding(): string | null {
    if (this.tensors === 0 || this.rounded < this.tensors) return null;
    const inOrder = [...this.words].sort(([one], [other]) => one - other).map(([, words]) => words);
    const clauses = [...new Set(inOrder)].map((words) => lowerFirst(words.slice(0, -1)));
    return clauses.join('; elsewhere, ');
  }
}

/** Tensors named in a warning. */
const named = 3;

interface Broken {
  index: number;
  pair: TensorPair;
  elements: number;
}

export class NonFinite {
  private readonly sides: Record<'base' | 'tuned', Broken[]> = { base: [], tuned: [] };

  add(index: number, pair: TensorPair, { nonFiniteBase, nonFiniteTuned }: StreamTotals): void {
    if (nonFiniteBase > 0) this.sides.base.push({ index, pair, elements: nonFiniteBase });
    if (nonFiniteTuned > 0) this.sides.tuned.push({ index, pair, elements: nonFiniteTuned });
  }

  /** One a side, by the order of the plan. */
  problems(): Problem[] {
    return (['base', 'tuned'] as const).flatMap((side) => {
      const broken = [...this.sides[side]].sort((left, right) => left.index - right.index);
      const [first] = broken;
      if (first === undefined) return [];
      const elements = broken.reduce((sum, each) => sum + each.elements, 0);
      const names = broken.slice(0, named).map(({ pair }) => pair.name);
      const more = broken.length > named ? ` and ${broken.length - named} more tensors` : '';
      const are = elements === 1 ? 'weight is' : 'weights are';
      const message =
        `${formatCount(elements)} ${are} NaN, infinite or beyond the range of bf16 in the ${side} checkpoint: ` +
        `${names.join(', ')}${more}. Whoever loads it gets broken numbers; they are left out of every metric.`;
      return [problem('non-finite', message, { file: first.pair[side].file, tensor: first.pair.name })];
    });
  }
}
