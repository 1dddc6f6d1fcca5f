// Seeded weights with the features that make real ones hard or easy: a head of leading directions that falls off as a
// power law over a slow bulk whose rows differ in scale, and what training does to them. No decomposition is needed:
// the head is a sparse random left factor times a dense random right factor, nearly orthogonal both.

export type UpdateKind = 'rlvr' | 'sft';

/** Leading directions that are planted, and how many of them each row is made of. */
const headRank = 96;
const headsPerRow = 4;

/** Standard deviation of the bulk. */
const bulkScale = 0.02;
/** RLVR: standard deviation of the step by the bulk's. Small weights have a finer grid, so they change more often. */
const rlvrStep = 1.4e-3;
/** SFT: size of the change of the bulk, and of the head. */
const sftBulk = 0.008;
const sftHead = 0.15;

interface PairOfTensors {
  rows: number;
  columns: number;
  /** Fills both sides of row `row` as bf16 bits. */
  fill(row: number, base: Uint16Array, tuned: Uint16Array): void;
}

/**
 * The rows come out the same whatever else is generated: the base hangs on its seed and the tensor's name, the update on
 * its own seed beside them. Rows must be asked for in order.
 */
export function syntheticPair(
  name: string,
  shape: readonly number[],
  kind: UpdateKind,
  seed: number,
  updateSeed = seed,
): PairOfTensors {
  const random = new Random(hash(`${seed}/${name}`));
  const updates = new Random(hash(`${updateSeed}/update of ${name}`));
  const columns = shape.at(-1) ?? 1;
  const rows = shape.length > 1 ? shape.slice(0, -1).reduce((product, size) => product * size, 1) : 1;
  if (shape.length === 1)
    return vectorPair(name.endsWith('norm.weight') ? 1 : 0, columns, kind, random, updates);
  const rank = Math.min(headRank, rows, columns);
  const directions = Array.from({ length: rank }, () => {
    const direction = new Float32Array(columns);
    random.fillNormal(direction, 1);
    return direction;
  });
  // The bulk's largest singular value is about bulkScale·(√m + √n); the head starts at six times that and ends inside it.
  const edge = bulkScale * (Math.sqrt(rows) + Math.sqrt(columns));
  const amplitudes = directions.map((_, j) => {
    const sigma = 6 * edge * (j + 1) ** -0.6;
    return sigma / Math.sqrt(((headsPerRow * rows) / rank) * columns);
  });
  const exact = new Float32Array(columns);
  const change = new Float32Array(columns);
  return {
    rows,
    columns,
    fill: (_row, base, tuned) => {
      random.fillNormal(exact, bulkScale * Math.exp(0.4 * random.normal()));
      updates.fillNormal(change, bulkScale * (kind === 'sft' ? sftBulk : rlvrStep));
      for (let i = 0; i < headsPerRow; i++) {
        const chosen = random.below(rank);
        const amplitude = random.normal() * amplitudes[chosen]!;
        addScaled(exact, directions[chosen]!, amplitude);
        // Fine-tuning grows what is already large, and turns it towards its neighbours.
        if (kind === 'sft') addScaled(change, directions[(chosen + 1) % rank]!, amplitude * sftHead);
      }
      roundToBf16(exact, base);
      addBf16(base, change);
      roundToBf16(change, tuned);
    },
  };
}

/** Biases and norms: around a centre, untouched by RLVR. */
function vectorPair(
  centre: number,
  columns: number,
  kind: UpdateKind,
  random: Random,
  updates: Random,
): PairOfTensors {
  return {
    rows: 1,
    columns,
    fill: (_row, base, tuned) => {
      const values = new Float32Array(columns);
      random.fillNormal(values, 0.1);
      roundToBf16(
        values.map((value) => value + centre),
        base,
      );
      tuned.set(base);
      if (kind !== 'sft') return;
      updates.fillNormal(values, 0.002);
      addBf16(base, values);
      roundToBf16(values, tuned);
    },
  };
}

function addScaled(target: Float32Array, source: Float32Array, factor: number): void {
  const scale = Math.fround(factor);
  for (let i = 0; i < target.length; i++) target[i]! += scale * source[i]!;
}

const word = new Float32Array(1);
const wordBits = new Uint32Array(word.buffer);

/** Adds the values of bf16 bits to `target`. */
function addBf16(bits: Uint16Array, target: Float32Array): void {
  for (let i = 0; i < target.length; i++) {
    wordBits[0] = bits[i]! << 16;
    target[i]! += word[0]!;
  }
}

/** Round to nearest, ties to even; the values are finite. */
function roundToBf16(values: Float32Array, target: Uint16Array): void {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  for (let i = 0; i < bits.length; i++) {
    const value = bits[i]!;
    target[i] = (value + 0x7fff + ((value >>> 16) & 1)) >>> 16;
  }
}

/** FNV-1a. */
function hash(text: string): number {
  let state = 0x811c9dc5;
  for (const character of text) state = Math.imul(state ^ (character.codePointAt(0) ?? 0), 0x01000193);
  return state >>> 0;
}

/** Normal numbers by the middle of each of 2¹⁶ equally likely intervals. */
const normalTable = makeNormalTable();

function makeNormalTable(): Float32Array {
  // Drawn by Box–Muller from a grid of its own: quick to make, and exact enough for weights.
  const side = 256;
  return Float32Array.from({ length: side * side }, (_, i) => {
    const radius = Math.sqrt(-2 * Math.log((Math.floor(i / side) + 0.5) / side));
    return radius * Math.cos((2 * Math.PI * ((i % side) + 0.5)) / side);
  });
}

/** xorshift32. */
class Random {
  private state: number;

  constructor(seed: number) {
    this.state = seed === 0 ? 1 : seed;
  }

  normal(): number {
    return normalTable[this.next() >>> 16]!;
  }

  below(limit: number): number {
    return Math.floor((this.next() / 2 ** 32) * limit);
  }

  /** Two numbers a step. */
  fillNormal(target: Float32Array, scale: number): void {
    let state = this.state;
    const factor = Math.fround(scale);
    for (let i = 0; i < target.length; i += 2) {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      target[i] = normalTable[state & 0xffff]! * factor;
      // Beyond the end of an odd length, this is a write that does nothing.
      target[i + 1] = normalTable[state >>> 16]! * factor;
    }
    this.state = state;
  }

  private next(): number {
    let state = this.state;
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    this.state = state;
    return state >>> 0;
  }
}
