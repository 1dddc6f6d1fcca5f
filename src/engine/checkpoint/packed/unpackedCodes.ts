// Values of packed weights from the bytes of their parts. Sources of the formats: MXFP4 from the OCP microscaling
// specification 1.0 and huggingface/transformers integrations/mxfp4.py; NVFP4 from NVIDIA Model Optimizer and
// compressed-tensors; 4-bit and int8 from bitsandbytes functional.py and csrc/kernels.cu.
import type { StoredTensor } from '../checkpoint.ts';
import { decodeScales, decodeToFloat64 } from '../decode.ts';
import { groupsOf, type CodeRange, type PackedWeight } from './packedWeight.ts';

/** E2M1, sign in the upper bit. */
const e2m1 = Float32Array.of(0, 0.5, 1, 1.5, 2, 3, 4, 6, -0, -0.5, -1, -1.5, -2, -3, -4, -6);
const int8 = Float32Array.from({ length: 256 }, (_, code) => (code << 24) >> 24);

export class UnpackedCodes {
  readonly #packed: PackedWeight;
  readonly #range: CodeRange;
  readonly #codes: Uint8Array;
  readonly #table: Float32Array;
  /** Of the groups from the range's first on. */
  readonly #multipliers: Float32Array;

  /** `bytes`: of the parts of `partsBehind`, in their order. */
  constructor(packed: PackedWeight, range: CodeRange, bytes: readonly Uint8Array[]) {
    const [codes = new Uint8Array(), scales = new Uint8Array(), ...rest] = bytes;
    this.#packed = packed;
    this.#range = range;
    this.#codes = codes;
    this.#table = tableOf(packed, rest);
    this.#multipliers = multipliers(packed, range, scales, rest);
  }

  /** Whether `values` may be asked for these elements. */
  covers(packed: PackedWeight, first: number, count: number): boolean {
    const { from, count: held } = this.#range;
    return packed === this.#packed && first >= from && first + count <= from + held;
  }

  /** Elements `first` … of the weight into `out`. */
  values(first: number, out: Float32Array): void {
    const { transposed, group } = this.#packed;
    if (transposed !== null) {
      this.#transposed(first, out, transposed);
      return;
    }
    const firstGroup = Math.floor(this.#range.from / group);
    for (let at = 0; at < out.length;) {
      const code = first + at;
      const inGroup = Math.floor(code / group);
      const end = Math.min(out.length, (inGroup + 1) * group - first);
      const multiplier = this.#multipliers[inGroup - firstGroup] ?? NaN;
      for (; at < end; at++) out[at] = this.#value(first + at, multiplier);
    }
  }

  #transposed(first: number, out: Float32Array, { rows, columns }: { rows: number; columns: number }): void {
    const { group } = this.#packed;
    const firstGroup = Math.floor(this.#range.from / group);
    for (let at = 0; at < out.length; at++) {
      const element = first + at;
      const row = Math.floor(element / columns);
      const matrix = Math.floor(row / rows);
      const code = matrix * rows * columns + (element % columns) * rows + (row % rows);
      out[at] = this.#value(code, this.#multipliers[Math.floor(code / group) - firstGroup] ?? NaN);
    }
  }

  #value(code: number, multiplier: number): number {
    const { codeBits, firstNibble, post } = this.#packed;
    const at = code - this.#range.from;
    let bits = this.#codes[codeBits === 8 ? at : at >> 1] ?? 0;
    if (codeBits === 4) bits = ((at & 1) === 0) === (firstNibble === 'low') ? bits & 15 : bits >> 4;
    const value = Math.fround((this.#table[bits] ?? NaN) * multiplier);
    return post === 1 ? value : value * post;
  }
}

function tableOf({ table }: PackedWeight, rest: readonly Uint8Array[]): Float32Array {
  if (table === 'e2m1') return e2m1;
  return table === 'int8' ? int8 : numbers(table, rest[0]);
}

function multipliers(
  { table, scales, group, scaling }: PackedWeight,
  range: CodeRange,
  bytes: Uint8Array,
  rest: readonly Uint8Array[],
): Float32Array {
  const own = typeof table === 'string' ? rest : rest.slice(1);
  if (scaling.kind === 'nested') {
    const values = numbers(scaling.table, own[0]);
    const absmax = numbers(scaling.absmax, own[1]);
    const first = groupsOf(group, range.from, range.count).from;
    const firstOuter = Math.floor(first / scaling.group);
    return Float32Array.from(bytes, (code, at) => {
      const outer = absmax[Math.floor((first + at) / scaling.group) - firstOuter] ?? NaN;
      return Math.fround((values[code] ?? NaN) * outer) + Math.fround(scaling.offset);
    });
  }
  const plain = Float32Array.from(decodeScales(scales.dtype, bytes));
  if (scaling.kind === 'plain') return plain;
  const by = numbers(scaling.by, own[0])[0] ?? NaN;
  return plain.map((scale) => (scaling.kind === 'times' ? scale * by : scale / by));
}

function numbers({ dtype }: StoredTensor, bytes: Uint8Array = new Uint8Array()): Float32Array {
  return Float32Array.from(decodeToFloat64(dtype, bytes));
}
