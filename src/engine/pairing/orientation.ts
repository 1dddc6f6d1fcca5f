// Matrices that one side stores transposed. Expert stacks are compared expert by expert; a matrix alone is named for what
// it looks like; and a square one beside such neighbours is left out, as its shape cannot tell.
import { problem } from '../../shared/errors.ts';
import type { Problem } from '../../shared/errors.ts';
import type { StoredTensor, UnreadableTensor } from '../checkpoint/checkpoint.ts';
import { isSwapped } from './comparability.ts';
import { sliceOf } from './fusedSlices.ts';
import { canonicalName, moduleKind } from '../checkpoint/tensorNames.ts';

type Tensors = ReadonlyMap<string, StoredTensor | UnreadableTensor>;

export class Orientation {
  private readonly tensors: Record<'base' | 'tuned', Tensors>;
  /** Modules of experts whose stacks are transposed. */
  private readonly stacks = new Set<string>();
  private swapped = 0;
  private straight = 0;

  constructor(tensors: Record<'base' | 'tuned', Tensors>) {
    this.tensors = tensors;
  }

  /** Counts, among names that match, what the shapes say. */
  look(matches: readonly { base: string; tuned: string }[]): void {
    for (const match of matches) {
      const pair = this.pairOf(match.base, match.tuned);
      if (pair === null) continue;
      const { base, tuned } = pair;
      const stack = stackOf(match.base, base);
      if (
        stack !== null &&
        isSwapped(base.shape.slice(1), tuned.shape.slice(1)) &&
        base.shape[0] === tuned.shape[0]
      ) {
        this.stacks.add(stack);
      }
      if (!isInner(match.base, base) || base.shape[0] === base.shape[1]) continue;
      if (isSwapped(base.shape, tuned.shape)) this.swapped += 1;
      else this.straight += 1;
    }
  }

  /** The experts of a stack that lies transposed on the tuned side; null where it does not. */
  transposedStack(baseName: string, tunedName: string): { base: StoredTensor; tuned: StoredTensor }[] | null {
    const pair = this.pairOf(baseName, tunedName);
    const stack = pair === null ? null : stackOf(baseName, pair.base);
    if (pair === null || stack === null || !this.stacks.has(stack)) return null;
    const { base, tuned } = pair;
    const [count = 0, rows = 0, columns = 0] = base.shape;
    if (
      tuned.shape.length !== 3 ||
      tuned.shape[1] !== columns ||
      tuned.shape[2] !== rows ||
      tuned.shape[0] !== count
    ) {
      return null;
    }
    const slices: { base: StoredTensor; tuned: StoredTensor }[] = [];
    for (let expert = 0; expert < count; expert += 1) {
      const part = { index: String(expert), shape: [rows, columns], first: expert * rows * columns };
      const left = sliceOf(base, { ...part, rowStep: columns, columnStep: 1 });
      const right = sliceOf(tuned, { ...part, rowStep: 1, columnStep: rows });
      if (typeof left === 'string' || typeof right === 'string') return null;
      slices.push({ base: left, tuned: right });
    }
    return slices;
  }

  /** Why a square matrix is not compared although its shapes agree; null where nothing speaks against it. */
  doubt(name: string, base: StoredTensor, tuned: StoredTensor): { reason: Problem } | null {
    const isSquare = base.shape.length === 2 && base.shape[0] === base.shape[1];
    if (this.swapped < swappedByHabit || this.straight > 0 || !isSquare || !isInner(name, base)) return null;
    const message = `Tensor "${name}" is square, and every other matrix of its layers looks transposed in the tuned checkpoint: whether this one is, its shape does not tell. Save both sides by the same code.`;
    return { reason: problem('layout-unknown', message, { file: tuned.file, tensor: name }) };
  }

  private pairOf(baseName: string, tunedName: string): { base: StoredTensor; tuned: StoredTensor } | null {
    const base = this.tensors.base.get(baseName);
    const tuned = this.tensors.tuned.get(tunedName);
    if (base === undefined || tuned === undefined || 'reason' in base || 'reason' in tuned) return null;
    return { base, tuned };
  }
}

/** One matrix of another shape is an odd one; several are how a writer stores all of them. */
const swappedByHabit = 2;

/** The module of a stack of expert matrices; null for any other tensor. */
function stackOf(name: string, { shape }: StoredTensor): string | null {
  if (shape.length !== 3) return null;
  return /^(.*\.)?(?:experts|switch_mlp)\./.exec(canonicalName(name))?.[0] ?? null;
}

/** A matrix of the layers: embeddings and heads are never stored transposed. */
function isInner(name: string, { shape }: StoredTensor): boolean {
  return shape.length === 2 && !['embed', 'head'].includes(moduleKind(name));
}
