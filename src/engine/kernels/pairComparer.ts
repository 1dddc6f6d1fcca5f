// Compares one chunk of a tensor pair slab by slab in kernel memory: the caller reads the stored bytes of each slab into
// the two places named here. Memory: two slabs as stored and two decoded, a tally, and counters for the chunk's rows
// and columns; nothing grows with the checkpoint.
import { Bf16Comparer } from './bf16Comparer.ts';
import { type Rectangle, slabElements } from './chunkPlan.ts';
import type { ChunkSpec, SlabPlace } from './chunkSpec.ts';
import { type ChunkTotals, type CountName, countNames, deltaBins } from './chunkTotals.ts';
import { F32Comparer } from './f32Comparer.ts';
import type { Kernels, Region } from './kernels.ts';
import type { ReadBytes } from './readElements.ts';
import { RoundingWatch, bf16Stretches, type WatchedSlab } from './roundingWatch.ts';
import { SlabSide } from './slabSide.ts';
import { type ScaleSource, isFloat } from './storage.ts';

export class PairComparer {
  private readonly kernels: Kernels;
  private readonly tally: Region;
  private readonly rowChanged: Region;
  private readonly columnChanged: Region;
  private readonly base: SlabSide;
  private readonly tuned: SlabSide;
  private readonly bf16: Bf16Comparer;
  private readonly f32: F32Comparer;
  private readonly rounding: RoundingWatch;
  private identical = true;
  private baseOnGrid = true;

  constructor(kernels: Kernels) {
    this.kernels = kernels;
    this.tally = kernels.region(kernels.run.tallyBytes.value);
    this.rowChanged = kernels.region();
    this.columnChanged = kernels.region();
    this.base = new SlabSide(kernels, slabElements);
    this.tuned = new SlabSide(kernels, slabElements);
    this.bf16 = new Bf16Comparer(kernels);
    this.f32 = new F32Comparer(kernels);
    this.rounding = new RoundingWatch(kernels);
  }

  /** Clears the counts and loads the block scales. */
  begin(chunk: ChunkSpec, read: ReadBytes): void {
    const { area, grid, base, tuned } = chunk;
    this.kernels.run.clearTally(this.tally.at);
    if (grid.isMatrix) {
      this.clear(this.rowChanged, area.rows);
      this.clear(this.columnChanged, area.columns);
    }
    this.bf16.begin(area.columns);
    this.f32.begin(area.columns);
    this.identical = base.dtype === tuned.dtype;
    // Of float64, and of what is no float, nothing rests on it.
    this.baseOnGrid = base.dtype !== 'F64';
    // Float64 is held against nothing: its values are rounded on their way through float32.
    const watches = chunk.update === undefined && isFloat(tuned.dtype) && tuned.dtype !== 'F64';
    this.rounding.begin(watches, grid.isMatrix);
    this.base.begin(base, chunk, true, read);
    this.tuned.begin(tuned, chunk, chunk.update === undefined, read);
    if (base.scale || tuned.scale) this.identical &&= this.sameScales(base.scale, tuned.scale);
  }

  /** Reads and compares one slab: a rectangle within the chunk's. */
  compare(chunk: ChunkSpec, slab: Rectangle, read: ReadBytes): void {
    const { base, tuned, grid, area, eta } = chunk;
    const { run } = this.kernels;
    const elements = slab.rows * slab.columns;
    const first = slab.firstRow * grid.columns + slab.firstColumn;
    this.base.load(base, chunk, slab, read);
    if (chunk.update) this.tuned.update(this.base.decode(base, slab), chunk, slab, chunk.update);
    else this.tuned.load(tuned, chunk, slab, read);
    const left = this.base.storedAt;
    const right = this.tuned.storedAt;
    const isEqual = base.dtype === tuned.dtype && run.bytesEqual(left, right, elements * base.width) !== 0;
    this.identical &&= isEqual;
    const rows = grid.isMatrix ? this.rowChanged.at + 4 * (slab.firstRow - area.firstRow) : 0;
    const columns = grid.isMatrix ? this.columnChanged.at + 4 * (slab.firstColumn - area.firstColumn) : 0;
    const counted = (from: number, to: number): SlabPlace => {
      const counters = { rowChanged: rows, columnChanged: columns };
      const size = { rows: slab.rows, columns: slab.columns };
      return { tally: this.tally.at, base: from, tuned: to, ...size, ...counters, eta };
    };
    if (Bf16Comparer.suits(chunk)) {
      if (this.rounding.isOpen) {
        const values = bf16Stretches(
          this.kernels,
          [this.base.decodedRoom, this.tuned.decodedRoom],
          left,
          right,
        );
        this.rounding.look({ tuned: 'BF16', first, elements, isEqual }, values);
      }
      this.bf16.compare(counted(left, right), isEqual);
      return;
    }
    const place = [slab.rows, slab.columns, rows, columns] as const;
    if (!isFloat(base.dtype)) {
      run.compareBytes(this.tally.at, left, right, base.width, ...place);
      return;
    }
    if (this.rounding.isOpen) this.watch(chunk, slab, { first, elements, isEqual });
    if (base.dtype === 'F64' || tuned.dtype === 'F64') {
      const wide = [this.base.widen(base, slab), this.tuned.widen(tuned, slab)] as const;
      run.compareF64(this.tally.at, ...wide, ...place, eta);
      return;
    }
    const single = [this.base.decode(base, slab), this.tuned.decode(tuned, slab)] as const;
    this.baseOnGrid &&= run.isBf16(single[0], elements) !== 0;
    if (F32Comparer.suits(chunk)) this.f32.compare(counted(...single));
    else run.compareF32(this.tally.at, ...single, ...place, eta);
  }

  /** The slab just compared as float32, copied into both targets; only for float dtypes. */
  copyDecoded(chunk: ChunkSpec, slab: Rectangle, base: Float32Array, tuned: Float32Array): void {
    const elements = slab.rows * slab.columns;
    base.set(this.kernels.float32(this.base.decode(chunk.base, slab), elements));
    tuned.set(this.kernels.float32(this.tuned.decode(chunk.tuned, slab), elements));
  }

  /** The slab just compared of a bf16 pair, packed into the target. */
  copyPacked(slab: Rectangle, target: Uint32Array): void {
    const { kernels, base, tuned } = this;
    const elements = slab.rows * slab.columns;
    const at = base.roomForDecoded(4 * elements);
    kernels.run.packBf16(base.storedAt, tuned.storedAt, at, elements);
    target.set(kernels.uint32(at, elements));
  }

  finish(chunk: ChunkSpec): ChunkTotals {
    const { kernels } = this;
    const { run } = kernels;
    const tally = this.tally.at;
    this.base.finish();
    this.tuned.finish();
    this.bf16.finish(tally);
    this.f32.finish(tally);
    const sums = kernels.float64(tally + run.tallySums.value, 3);
    const counted = kernels.uint32(tally + run.tallyCounts.value, countNames.length);
    return {
      counts: Object.fromEntries(countNames.map((name, i) => [name, counted[i]!])) as Record<
        CountName,
        number
      >,
      identical: this.identical,
      baseOnGrid: this.baseOnGrid,
      rounding: this.rounding.finish(),
      sumSquaresBase: sums[0]!,
      sumSquaresDelta: sums[1]!,
      maxAbsDelta: sums[2]!,
      exponents: kernels.uint32(tally + run.tallyExponents.value, 256).slice(),
      deltas: this.deltas(),
      rowChanged: chunk.grid.isMatrix ? kernels.uint32(this.rowChanged.at, chunk.area.rows).slice() : null,
      columnChanged: chunk.grid.isMatrix
        ? kernels.uint32(this.columnChanged.at, chunk.area.columns).slice()
        : null,
    };
  }

  /** Whether what is not a pair of bf16 is rounding: held against each other as float32. */
  private watch(chunk: ChunkSpec, slab: Rectangle, place: Omit<WatchedSlab, 'tuned'>): void {
    const { dtype, scale } = chunk.tuned;
    const tuned = isFloat(dtype) && scale === null ? dtype : null;
    const left = this.base.decode(chunk.base, slab);
    const right = this.tuned.decode(chunk.tuned, slab);
    this.rounding.look({ ...place, tuned }, (from) => [left + 4 * from, right + 4 * from]);
  }

  private deltas(): ChunkTotals['deltas'] {
    const { run } = this.kernels;
    const counts = this.kernels.uint32(this.tally.at + run.tallyDeltaCounts.value, deltaBins);
    let first = 0;
    let end = deltaBins;
    while (first < end && counts[first] === 0) first++;
    if (first === end) return null;
    while (counts[end - 1] === 0) end--;
    const energies = this.kernels.float64(this.tally.at + run.tallyDeltaEnergies.value, deltaBins);
    return { first, counts: counts.slice(first, end), energies: energies.slice(first, end) };
  }

  private clear(counters: Region, length: number): void {
    this.kernels.uint32(counters.reserve(4 * length), length).fill(0);
  }

  private sameScales(base: ScaleSource | null, tuned: ScaleSource | null): boolean {
    if (base?.elements !== tuned?.elements || base?.scaleColumns !== tuned?.scaleColumns) return false;
    if (base === null) return true;
    return this.kernels.run.bytesEqual(this.base.scalesAt, this.tuned.scalesAt, 4 * base.elements) !== 0;
  }
}
