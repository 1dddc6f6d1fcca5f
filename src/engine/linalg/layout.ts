// How a matrix is treated, by its shape, its rank and how its sides are held: decided once, in the plan, and carried with the
// matrix. Whoever works on it reads this and looks at no shape of its own.
import { paddedElements } from './padding.ts';

/**
 * How singular vectors, or the norm, are found. `whole`: the whole spectrum, from the float64 Gram matrix of the small side.
 * Else a Krylov space of W*W, which is applied as `gram`: formed once, of very tall matrices; `transposed`: with a copy of Wᵀ
 * beside W; `direct`: with W alone.
 */
export type Way = 'whole' | 'gram' | 'transposed' | 'direct';

export interface MatrixLayout {
  rows: number;
  columns: number;
  /** k. */
  rank: number;
  /** Rows are taken in panels: many times as many as columns, as in an embedding. */
  isVeryTall: boolean;
  /** How the k leading triplets are found, and ‖Δ‖₂. */
  triplets: Way;
  norm: Way;
  /** What becomes of packed sides: widened `whole`, one after the other into the same memory, or panel by panel as they are read. */
  widening: 'none' | 'panels' | 'whole';
  /** Elements of W as float32, where it is widened whole, and of Wᵀ, whose memory the rank-k reconstruction has next; or 0. */
  wholeElements: number;
  transposedElements: number;
  /** Bytes of both sides, and of what is made of one beside them while they are decomposed. */
  sidesBytes: number;
  widenedBytes: number;
  copyBytes: number;
  /** Whether it is worth giving memory back between the stages. */
  isLarge: boolean;
  /** Who decomposes it: a lane beside others, or the engine's own thread. */
  lane: 'worker' | 'own';
}

/** Ritz vectors kept beyond the k wanted: they separate the k from what is outside. */
export const extraColumns = 16;

/** Of an element of both sides packed, or of one side as float32. */
const wordBytes = 4;
/** Largest small side of which the whole spectrum is found: not much dearer than the leading part, which comes with it. */
const wholeLimit = 1024;
/** Of a norm, which is one value of it, and takes a search less. */
const wholeNormLimit = 512;
/** Smallest ratio of the sides at which W*W is formed. */
const tallAspect = 16;
/** A transposed copy costs as much as it saves in about this many products with one column. */
const worthTransposing = 128;
/** A search usually applies W*W to this many times the columns kept, or for the norm, of the hardest kind, to so many. */
export const spaceEstimate = 5;
export const normColumns = 300;
/** Matrices up to this many elements are copied once more where that makes the work quicker. */
const mostCopied = 1 << 27;
/** And of those that are not even widened for the sake of memory. */
const mostCopiedOfPanels = 1 << 25;
const largeBytes = 1 << 28;
/** A matrix below this many elements is through before a worker has heard of it. */
const smallElements = 1 << 18;
/** From so many on a very tall one has thick products, which keep all threads busy, and no second one fits beside it. */
const tallElements = 1 << 25;

/** The rank k that a matrix uses of the one that is wanted. */
export function rankFor(rows: number, columns: number, rank: number): number {
  return Math.max(1, Math.min(rank, Math.floor(Math.min(rows, columns) / 4)));
}

/** `rank` is the one that the matrix uses; `isPacked` where both sides are bf16 in one word an element. */
export function layoutOf(rows: number, columns: number, rank: number, isPacked: boolean): MatrixLayout {
  const [elements, small] = [rows * columns, Math.min(rows, columns)];
  const isVeryTall = rows >= tallAspect * columns;
  const searched = spaceEstimate * Math.min(small, rank + extraColumns);
  const isWhole = small <= wholeLimit;
  const readsPanels = isVeryTall && (isWhole || gramPays(rows, columns, searched));
  const widening = isPacked ? (readsPanels ? 'panels' : 'whole') : 'none';
  const isCopied = small > wholeNormLimit && elements <= (readsPanels ? mostCopiedOfPanels : mostCopied);
  const wholeElements = widening === 'whole' ? paddedElements(rows, columns) : 0;
  const transposedElements = isCopied ? paddedElements(columns, rows) : 0;
  const wayOf = (limit: number, vectors: number): Way => {
    if (small <= limit) return 'whole';
    if (isVeryTall && gramPays(rows, columns, vectors)) return 'gram';
    return isCopied && vectors >= worthTransposing ? 'transposed' : 'direct';
  };
  return {
    rows,
    columns,
    rank,
    isVeryTall,
    triplets: wayOf(wholeLimit, searched),
    norm: wayOf(wholeNormLimit, normColumns),
    widening,
    wholeElements,
    transposedElements,
    sidesBytes: (isPacked ? 1 : 2) * wordBytes * elements,
    widenedBytes: wordBytes * wholeElements,
    copyBytes: wordBytes * transposedElements,
    isLarge: 2 * wordBytes * elements >= largeBytes,
    lane: elements < smallElements || (isVeryTall && elements >= tallElements) ? 'own' : 'worker',
  };
}

/**
 * Whether W*W is formed to apply it to `vectors` columns in all: where that is cheaper. Only of very tall matrices: an
 * embedding would be read from memory twice for every block. For others the rounding of a formed product, relative to σ₁², is
 * not worth the little time it saves.
 */
function gramPays(rows: number, columns: number, vectors: number): boolean {
  const direct = 4 * rows * columns * vectors;
  // `tallGram` multiplies the blocks on and above the diagonal alone: of 1536 columns 1.17 times a half.
  const formed = 1.2 * rows * columns * columns + 2 * columns * columns * vectors;
  // Thin products reach about half the rate of square ones.
  return formed < 2 * direct;
}
