// How many elements of a matrix pair lie in M_princ, in M_low and in the update (`masks.ts`). Where M_princ begins, only
// all of W⁽ᵏ⁾ tells; a sample tells nearly. So one pass counts what is safely inside, and what is near the limit apart by its
// value: the limit, and the members on its right side, follow from that. A limit that the sample missed is looked for.
import type { MaskCounts } from '../../shared/report/metrics.ts';
import type { Gemm } from '../linalg/gemm.ts';
import type { LinalgKernels } from '../linalg/linalgKernels.ts';
import type { MaskTally, PairPanel } from '../linalg/maskCounter.ts';
import type { RowSource } from '../linalg/rowSource.ts';
import { MaskedMatrix, type MaskedInput, type PrincipalFactors } from './maskedMatrix.ts';
import { maskCounts, type ExpectedMembers } from './masks.ts';
import { expectedChanged, matchedScale, type PairStorage } from './sizeMatched.ts';

interface MaskInput extends MaskedInput, PrincipalFactors {
  base: RowSource;
  tuned: RowSource;
  eta: number;
  /** Null where its storage has no size-matched null. */
  storage: PairStorage | null;
  /** Room for W⁽ᵏ⁾, which is made once then. */
  scratch: Float32Array | null;
}

/** The masks' counts, and ‖W‖²_F and ‖Δ‖²_F, which the same pass over both sides gives. */
interface CountedMasks {
  counts: MaskCounts;
  baseEnergy: number;
  deltaEnergy: number;
}

/** Of fewer elements a sample says too little. */
const leastSampled = 1 << 21;
/** Bits on either side of a guess: a step of bf16, between three and six standard errors of the sample. */
const margin = 1 << 16;

export async function countMasks(
  { gemm, histograms, masks }: Pick<LinalgKernels, 'histograms' | 'masks'> & { gemm: Gemm },
  input: MaskInput,
): Promise<CountedMasks> {
  const matrix = new MaskedMatrix(histograms, input, input.scratch);
  const lowBits = await matrix.lowBits();
  const count = (from: number, to: number): Promise<MaskTally> =>
    masks.count({ from, to, lowBits, eta: input.eta }, (add) =>
      matrix.reconstructed(gemm, input, (part, at) => {
        add(sidesOf(input, at, at + part.length), part);
      }),
    );
  let tally: MaskTally | null = null;
  if (input.base.length >= leastSampled) {
    const from = Math.max(0, (await matrix.likelyPrincipalBits(gemm, input)) - margin);
    tally = settled(await count(from, from + 2 * margin), matrix.wanted);
  }
  if (tally === null) {
    const bits = await matrix.principalBits(gemm, input);
    tally = await count(bits, bits);
  }
  const [baseEnergy = 0, deltaEnergy = 0] = tally.energies;
  const expected = input.storage && expectedMembers(tally, lowBits, deltaEnergy, input.storage);
  return { counts: maskCounts(input.base.length, tally.members, expected), baseEnergy, deltaEnergy };
}

function sidesOf({ base, tuned, packed }: MaskInput, from: number, to: number): PairPanel {
  if (packed !== null) return { packed: packed.subarray(from, to) };
  return { base: base.elements(from, to), tuned: tuned.elements(from, to) };
}

/**
 * Adds to M_princ what belongs to it of the elements counted apart: the largest, until there are `wanted`, and their equals.
 * Null where the limit is not among them.
 */
export function settled(tally: MaskTally, wanted: number): MaskTally | null {
  const members = tally.members.slice();
  const { between } = tally;
  const span = between.length / 4;
  if (members[0]! >= wanted) return null;
  for (let bin = span - 1; bin >= 0 && members[0]! < wanted; bin--) {
    const low = between[span + bin]!;
    const changed = between[2 * span + bin]!;
    const both = between[3 * span + bin]!;
    members[0]! += between[bin]! + low + changed + both;
    members[3]! += low + both;
    members[4]! += changed + both;
    members[6]! += both;
  }
  return members[0]! >= wanted ? { ...tally, members } : null;
}

/**
 * What the size-matched null changes of all elements, of M_princ, of M_low and of both, from elements by exponent. M_low holds
 * whole exponents but for its last; of those counted apart near the limit of M_princ, every exponent is taken in one share.
 */
function expectedMembers(
  { members, exponents, between }: MaskTally,
  lowBits: number,
  deltaEnergy: number,
  storage: PairStorage,
): ExpectedMembers {
  const [principal = 0, low = 0, , both = 0] = members;
  const apart = sum(exponents.between);
  const share = between.length > 0 && apart > 0 ? (principal - sum(exponents.inside)) / apart : 0;
  const inside = exponents.inside.map((count, bin) => count + share * exponents.between[bin]!);
  const all = exponents.inside.map((count, bin) => count + exponents.between[bin]! + exponents.outside[bin]!);
  const last = lowBits >>> 23;
  const s = matchedScale(all, deltaEnergy, storage);
  const changed = (bins: Float64Array): number => expectedChanged(bins, s, storage);
  return [changed(all), changed(inside), changed(upTo(all, last, low)), changed(upTo(inside, last, both))];
}

/** The bins below `last`, and of that as many as make `total`. */
function upTo(bins: Float64Array, last: number, total: number): Float64Array {
  const taken = bins.map((count, bin) => (bin < last ? count : 0));
  taken[last] = Math.min(bins[last] ?? 0, Math.max(0, total - sum(taken)));
  return taken;
}

function sum(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0);
}
