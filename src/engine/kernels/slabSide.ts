// One side of a chunk, slab by slab in kernel memory: what is read of it, unpacked, gathered or computed, as float32 or
// float64. Memory: a slab as stored and one decoded; nothing grows with the checkpoint.
import { decodeScales } from '../checkpoint/decode.ts';
import type { UnpackedCodes } from '../checkpoint/packed/unpackedCodes.ts';
import { isTransposed } from '../checkpoint/storedView.ts';
import type { Grid, Rectangle } from './chunkPlan.ts';
import type { Kernels, Region } from './kernels.ts';
import { type ReadBytes, readElements } from './readElements.ts';
import { unpackedCodes } from './packedSlab.ts';
import { type ChunkUpdate, fillUpdated } from './updatedSlab.ts';
import { type SideSource, floatStorage, isFloat } from './storage.ts';

/** Which elements of a tensor a chunk is. */
interface ChunkPlace {
  grid: Grid;
  area: Rectangle;
}

export class SlabSide {
  private readonly kernels: Kernels;
  private readonly stored: Region;
  private readonly single: Region;
  private readonly double: Region;
  private readonly scales: Region;
  /** What was unpacked last. */
  private codes: UnpackedCodes | null = null;
  /** The whole chunk of a slice that is stored across its rows, which slabs of few rows would read in crumbs. */
  private gathered: Uint8Array | null = null;
  /** Where the slab lies as float32; 0 until it was decoded. */
  private decodedAt = 0;
  /** Where the slab lies as stored. */
  storedAt: number;

  /** @param room elements to make room for at once; slabs of more, and wider dtypes, ask for more when they come */
  constructor(kernels: Kernels, room: number) {
    this.kernels = kernels;
    this.stored = kernels.region(2 * room);
    this.storedAt = this.stored.at;
    this.single = kernels.region(4 * room);
    this.double = kernels.region();
    this.scales = kernels.region();
  }

  /** Loads the block scales; `isRead` is false where the side is computed. */
  begin(source: SideSource, place: ChunkPlace, isRead: boolean, read: ReadBytes): void {
    // The file may be another by now.
    this.codes = null;
    this.gathered = null;
    if (isRead) this.gather(source, place, read);
    if (source.scale === null) return;
    const { scale } = source;
    const bytes = new Uint8Array(scale.bytes);
    read(scale, scale.offset, bytes);
    const target = this.scales.reserve(4 * scale.elements);
    this.kernels.float32(target, scale.elements).set(decodeScales(scale.dtype, bytes));
  }

  /** Reads a slab of the chunk. */
  load(source: SideSource, place: ChunkPlace, slab: Rectangle, read: ReadBytes): void {
    const first = slab.firstRow * place.grid.columns + slab.firstColumn;
    const elements = slab.rows * slab.columns;
    const bytes = elements * source.width;
    this.decodedAt = 0;
    if (source.packed !== undefined) {
      this.storedAt = this.stored.reserve(bytes);
      this.codes = unpackedCodes(this.codes, source.packed, first, elements, read);
      this.codes.values(first, this.kernels.float32(this.storedAt, elements));
      return;
    }
    this.storedAt = placeToReadTo(this.stored.reserve(bytes + besides), source.offset + first * source.width);
    const target = this.kernels.bytes(this.storedAt, bytes);
    if (this.gathered === null) readElements(source, first, target, read);
    else {
      const from = (first - firstOf(place)) * source.width;
      target.set(this.gathered.subarray(from, from + bytes));
    }
  }

  /** Puts W + Δ where the side would have been read to. @param base address of the base as float32 */
  update(base: number, { area }: ChunkPlace, slab: Rectangle, update: ChunkUpdate): void {
    const elements = slab.rows * slab.columns;
    const at = this.stored.reserve(4 * elements);
    this.storedAt = at;
    const { kernels } = this;
    fillUpdated(kernels.float32(at, elements), kernels.float32(base, elements), update, area, slab);
    this.decodedAt = 0;
  }

  /** Address of the slab as float32; decoded once. */
  decode(source: SideSource, slab: Rectangle): number {
    if (this.decodedAt !== 0) return this.decodedAt;
    if (!isFloat(source.dtype)) throw new Error(`${source.dtype} is not decoded.`);
    const { run } = this.kernels;
    const { decode } = floatStorage[source.dtype];
    const elements = slab.rows * slab.columns;
    this.decodedAt = this.storedAt;
    if (decode !== null) {
      this.decodedAt = this.single.reserve(4 * elements);
      run[decode](this.storedAt, this.decodedAt, elements);
    }
    if (source.scale) {
      const { scaleColumns, blockRows, blockColumns, scaleRows, matrixRows } = source.scale;
      const { rows, columns: slabColumns, firstRow, firstColumn } = slab;
      const place = [rows, slabColumns, firstRow, firstColumn] as const;
      const layout = [scaleColumns, blockRows, blockColumns, scaleRows, matrixRows] as const;
      run.applyScales(this.decodedAt, ...place, this.scales.at, ...layout);
    }
    return this.decodedAt;
  }

  /** Address of the slab as float64. */
  widen(source: SideSource, slab: Rectangle): number {
    if (source.dtype === 'F64') return this.storedAt;
    const elements = slab.rows * slab.columns;
    const target = this.double.reserve(8 * elements);
    this.kernels.run.widenF32(this.decode(source, slab), target, elements);
    return target;
  }

  /** The place of a decoded slab, for something else: what may have been decoded there is no longer. */
  roomForDecoded(bytes: number): number {
    this.decodedAt = 0;
    return this.single.reserve(bytes);
  }

  /** Where bf16 stretches of the slab may be decoded to. */
  get decodedRoom(): Region {
    return this.single;
  }

  get scalesAt(): number {
    return this.scales.at;
  }

  finish(): void {
    this.gathered = null;
  }

  private gather({ view, width, ...source }: SideSource, place: ChunkPlace, read: ReadBytes): void {
    if (view === undefined || !isTransposed(view)) return;
    const { area } = place;
    this.gathered = new Uint8Array(area.rows * area.columns * width);
    readElements({ ...source, view, width }, firstOf(place), this.gathered, read);
  }
}

/** Position of the chunk's first element in its tensor. */
function firstOf({ area, grid }: ChunkPlace): number {
  return area.firstRow * grid.columns + area.firstColumn;
}

/** A cache line: with this much room, a slab can be moved out of the way. */
const besides = 64;
const pageBytes = 4096;

/**
 * Where to read bytes of the file from `offset` on to, at `at` or a line behind it. A copy whose target lies up to 31 bytes
 * further into its page than its source takes two to four times as long: every read waits for a write to the same place
 * of another page.
 */
export function placeToReadTo(at: number, offset: number): number {
  const ahead = (((at - offset) % pageBytes) + pageBytes) % pageBytes;
  return ahead > 0 && ahead < 32 ? at + besides : at;
}
