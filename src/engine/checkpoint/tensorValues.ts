// The values of stored tensors, read by position and never more than asked for: as float32, or as their bf16 view.
// float32 is exact for every float dtype but F64, which is rounded to nearest; the bf16 view is rounded once, to
// nearest even, from the stored value. Each file is opened once and stays open until `close`.
import { ThreeGateError } from '../../shared/errors.ts';
import type { StoredTensor } from './checkpoint.ts';
import { applyScales, decodeScales, decodeToFloat64 } from './decode.ts';
import { dtypes } from './dtype.ts';
import type { ByteSource, FileSystem } from '../files/fileSystem.ts';
import { spansOf } from './pieces.ts';
import { codesBehind, partsBehind, type PackedWeight } from './packed/packedWeight.ts';
import { UnpackedCodes } from './packed/unpackedCodes.ts';
import { scaleLayout } from './scales.ts';
import { isStraight, isTransposed, place, runsOf } from './storedView.ts';
import type { DtypeName } from './dtype.ts';
import type { StoredView } from './plainTensor.ts';

/** Hears the bytes as stored, in order. */
export type HearBytes = (bytes: Uint8Array) => void;

export class TensorValues {
  private readonly sources = new Map<string, Promise<ByteSource>>();
  private readonly scales = new Map<StoredTensor, Promise<Float64Array>>();
  /** What was unpacked last: of a transposed weight whole matrices, which are asked for piece by piece. */
  private unpacked: UnpackedCodes | null = null;
  /** Bytes read so far, for progress. */
  bytesRead = 0;

  constructor(private readonly files: FileSystem) {}

  /** Elements `first` … `first + out.length − 1` into `out`. */
  async readFloat32(tensor: StoredTensor, first: number, out: Float32Array, hear?: HearBytes): Promise<void> {
    if (tensor.packed !== undefined) {
      await this.unpack(tensor.packed, first, out, hear);
      return;
    }
    const bytes = await this.stored(tensor, first, out.length);
    hear?.(bytes);
    if (tensor.scale !== null) out.set(await this.scaled(tensor, first, bytes));
    else if (tensor.dtype === 'BF16')
      widenBf16(words(bytes), new Uint32Array(out.buffer, out.byteOffset, out.length));
    else if (tensor.dtype === 'F32') out.set(new Float32Array(bytes.buffer, 0, out.length));
    else out.set(decoded(tensor.dtype, bytes));
  }

  /** The bf16 view of `count` elements from `first` on, as bits. */
  async readBf16(tensor: StoredTensor, first: number, count: number, hear?: HearBytes): Promise<Uint16Array> {
    if (tensor.packed !== undefined) {
      const values = new Float32Array(count);
      await this.unpack(tensor.packed, first, values);
      return roundToBf16(values);
    }
    const bytes = await this.stored(tensor, first, count);
    hear?.(bytes);
    if (tensor.scale !== null) return roundToBf16(await this.scaled(tensor, first, bytes));
    if (tensor.dtype === 'BF16') return words(bytes);
    if (tensor.dtype === 'F32') return roundToBf16(new Float32Array(bytes.buffer, 0, count));
    return roundToBf16(decoded(tensor.dtype, bytes));
  }

  /** The stored bytes of an F8 weight's scales; none where it has none. */
  async scaleBytes({ scale }: StoredTensor): Promise<Uint8Array> {
    return scale === null ? new Uint8Array() : this.stored(scale, 0, scale.elements);
  }

  async close(): Promise<void> {
    const open = [...this.sources.values()];
    this.sources.clear();
    for (const source of await Promise.allSettled(open)) {
      if (source.status === 'fulfilled') await source.value.close();
    }
  }

  /** The bytes of `count` elements from `first` on, as stored. */
  async stored(tensor: StoredTensor, first: number, count: number): Promise<Uint8Array> {
    const { name, file } = tensor;
    if (tensor.adapter !== undefined) {
      const message = `${name} is not stored but made by the adapter ${file}: merge it into its base first.`;
      throw new ThreeGateError('adapter-unsupported', message, { file, tensor: name });
    }
    const bytes = new Uint8Array((count * dtypes[tensor.dtype].bits) / 8);
    if (tensor.view === undefined) await this.read(tensor, first, bytes);
    else await this.readSlice(tensor, tensor.view, first, bytes);
    this.bytesRead += bytes.length;
    return bytes;
  }

  private async read(tensor: StoredTensor, first: number, bytes: Uint8Array): Promise<void> {
    const width = dtypes[tensor.dtype].bits / 8;
    for (const span of spansOf(tensor, width, first, bytes.length / width)) {
      const source = this.sources.get(span.file) ?? this.files.open(span.file);
      this.sources.set(span.file, source);
      const start = (span.first - first) * width;
      await (await source).read(span.offset, bytes.subarray(start, start + span.count * width));
    }
  }

  private async readSlice(
    tensor: StoredTensor,
    view: StoredView,
    first: number,
    bytes: Uint8Array,
  ): Promise<void> {
    const width = dtypes[tensor.dtype].bits / 8;
    const runs = [...runsOf(view, first, bytes.length / width)];
    const [start] = runs;
    const end = runs[runs.length - 1];
    if (start === undefined || end === undefined) return;
    // What lies across the rows comes in one read where that is not many times what is wanted.
    const all = (end.from + end.count - start.from) * width;
    if (isTransposed(view) && all <= mostAround * bytes.length) {
      const stored = new Uint8Array(all);
      await this.read(tensor, start.from, stored);
      for (const run of runs) place(run, stored.subarray((run.from - start.from) * width), bytes, width);
      return;
    }
    for (const run of runs) {
      if (isStraight(run)) {
        await this.read(tensor, run.from, bytes.subarray(run.to * width, (run.to + run.count) * width));
        continue;
      }
      const stored = new Uint8Array(run.count * width);
      await this.read(tensor, run.from, stored);
      place(run, stored, bytes, width);
    }
  }

  private async unpack(
    packed: PackedWeight,
    first: number,
    out: Float32Array,
    hear?: HearBytes,
  ): Promise<void> {
    if (this.unpacked?.covers(packed, first, out.length) !== true) {
      const range = codesBehind(packed, first, out.length);
      const bytes: Uint8Array[] = [];
      for (const part of partsBehind(packed, range))
        bytes.push(await this.stored(part.tensor, part.first, part.count));
      for (const each of bytes) hear?.(each);
      this.unpacked = new UnpackedCodes(packed, range, bytes);
    }
    this.unpacked.values(first, out);
  }

  private async scaled(tensor: StoredTensor, first: number, bytes: Uint8Array): Promise<Float64Array> {
    const { scale, scaleBlock, shape, name, file } = tensor;
    const layout = scale && scaleLayout(shape, scale.shape, scaleBlock);
    const columns = shape[shape.length - 1] ?? 1;
    if (scale === null || layout === null || first % columns !== 0) {
      throw new ThreeGateError(
        'dtype-scale-missing',
        `The scales of ${name} in ${file} do not fit what was asked.`,
        {
          file,
          tensor: name,
        },
      );
    }
    const known =
      this.scales.get(tensor) ??
      this.stored(scale, 0, scale.elements).then((found) => decodeScales(scale.dtype, found));
    this.scales.set(tensor, known);
    const values = Float64Array.from(decoded(tensor.dtype, bytes));
    applyScales(values, columns, first / columns, await known, layout);
    // An F8 weight is what float32 arithmetic makes of it, as in the kernels.
    return Float64Array.from(values, Math.fround);
  }
}

/** How many times the bytes of a slice are read at once rather than in crumbs. */
const mostAround = 8;

/** Rounds to nearest even; the exact values of a float64 are rounded once. */
export function roundToBf16(values: Float32Array | Float64Array): Uint16Array {
  const view = new DataView(new ArrayBuffer(4));
  return Uint16Array.from(values, (value) => {
    const near = Math.fround(value);
    view.setFloat32(0, near);
    const rounded = view.getUint32(0);
    if (Number.isNaN(value)) return 0x7fc0;
    if (!Number.isFinite(near)) return rounded >>> 16;
    // Inexact in float32: truncated and made odd, so that it cannot sit on a tie of bf16 by accident.
    const odd =
      near === value ? rounded : ((Math.abs(near) > Math.abs(value) ? rounded - 1 : rounded) | 1) >>> 0;
    return (odd + 0x7fff + ((odd >>> 16) & 1)) >>> 16;
  });
}

function widenBf16(stored: Uint16Array, out: Uint32Array): void {
  stored.forEach((bits, index) => {
    out[index] = bits << 16;
  });
}

function words(bytes: Uint8Array): Uint16Array {
  return new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 2);
}

const tables = new Map<DtypeName, Float32Array>();

/** By table where there are few values: F16 and F8 take their 65,536 and 256. */
function decoded(dtype: DtypeName, bytes: Uint8Array): Float32Array | Float64Array {
  if (dtype === 'F64') return new Float64Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 8);
  const { bits, kind } = dtypes[dtype];
  if (kind !== 'float' || bits > 16) return decodeToFloat64(dtype, bytes);
  let table = tables.get(dtype);
  if (table === undefined) {
    const all =
      bits === 8
        ? Uint8Array.from({ length: 256 }, (_, code) => code)
        : Uint16Array.from({ length: 65_536 }, (_, code) => code);
    table = Float32Array.from(decodeToFloat64(dtype, new Uint8Array(all.buffer)));
    tables.set(dtype, table);
  }
  const codes = bits === 8 ? bytes : words(bytes);
  return Float32Array.from(codes, (code) => table[code] ?? NaN);
}
