// Compares one chunk of a base with that of several tuned sides: every slab of each is read once. Memory: a slab of every
// side, all of them together as large as those of a pair; bits of what changed; a block of every update as float64.
import { type Rectangle, cut, slabElements } from './chunkPlan.ts';
import { type JointChunk, type JointCounts, type JointSpec, emptyCounts } from './jointSpec.ts';
import type { Kernels, Region } from './kernels.ts';
import type { ReadBytes } from './readElements.ts';
import { SlabSide, firstOf } from './slabSide.ts';
import type { ChunkGaps } from './storedGaps.ts';
import type { SideSource } from './storage.ts';

/** Elements whose updates are multiplied at once: those of a few sides stay in the first-level cache. */
const blockElements = 1024;
/** Rows that a counter of 16 bits holds. */
const mostRows = 65_535;

/** A slab of one side as it lies in kernel memory. */
interface Loaded {
  kind: 'bf16' | 'f32' | 'f64';
  at: number;
  /** Its bf16 view. */
  view: number;
}

interface Member {
  side: SlabSide;
  view: Region;
}

export class JointComparer {
  private readonly kernels: Kernels;
  private readonly members: Member[] = [];
  private readonly excluded: Region;
  private readonly changed: Region;
  private readonly rowChanged: Region;
  private readonly columns16: Region;
  private readonly columns32: Region;
  private readonly sums: Region;
  private readonly wide: Region;
  private readonly deltas: Region;
  private readonly gaps: Region;

  constructor(kernels: Kernels) {
    this.kernels = kernels;
    const region = (): Region => kernels.region();
    this.excluded = region();
    this.changed = region();
    this.rowChanged = region();
    this.columns16 = region();
    this.columns32 = region();
    this.sums = region();
    this.wide = kernels.region(8 * blockElements);
    this.deltas = region();
    this.gaps = region();
  }

  compare(spec: JointSpec, read: ReadBytes): JointChunk {
    const { base, tuned, area, grid } = spec;
    const sides = tuned.length;
    while (this.members.length <= sides) {
      this.members.push({ side: new SlabSide(this.kernels, 0), view: this.kernels.region() });
    }
    const found = emptyCounts(
      sides,
      grid.isMatrix ? area.rows : 0,
      grid.isMatrix ? area.columns : 0,
      spec.samples.length,
    );
    this.begin(spec, read);
    for (const slab of cut(area, slabLimit(sides, area))) {
      const loaded = [base, ...tuned].map((source, at) => this.load(spec, source, at, slab, read));
      const excluded = this.exclude(loaded, slab);
      found.nonFinite += excluded;
      found.compared += slab.rows * slab.columns - excluded;
      this.count(spec, loaded, slab, excluded > 0);
      this.multiply(loaded, slab, excluded > 0);
      this.sample(spec, loaded, slab, found.samples);
      this.countGaps(spec, slab);
    }
    this.finish(spec, found);
    return { ...found, gaps: this.foundGaps(spec) };
  }

  private begin({ base, tuned, updates, area, grid }: JointSpec, read: ReadBytes): void {
    const { kernels } = this;
    const place = { grid, area };
    for (const [at, source] of [base, ...tuned].entries()) {
      this.member(at).side.begin(source, place, at === 0 || updates[at - 1] === null, read);
    }
    const sides = tuned.length;
    const clear = (region: Region, bytes: number): void =>
      void kernels.bytes(region.reserve(bytes), bytes).fill(0);
    clear(this.sums, sumsBytes(sides));
    clear(this.rowChanged, grid.isMatrix ? 4 * sides * area.rows : 0);
    clear(this.columns32, grid.isMatrix ? 4 * sides * area.columns : 0);
    clear(this.columns16, grid.isMatrix ? 2 * sides * area.columns : 0);
    this.deltas.reserve(8 * sides * blockElements);
    clear(this.gaps, sides * kernels.run.gapBytes.value);
  }

  private member(at: number): Member {
    return this.members[at]!;
  }

  private load(spec: JointSpec, source: SideSource, at: number, slab: Rectangle, read: ReadBytes): Loaded {
    const { side, view } = this.member(at);
    const { run } = this.kernels;
    const update = at === 0 ? null : (spec.updates[at - 1] ?? null);
    if (update === null) side.load(source, spec, slab, read);
    else side.update(this.member(0).side.decode(spec.base, slab), spec, slab, update);
    if (source.dtype === 'BF16' && source.scale === null) {
      return { kind: 'bf16', at: side.storedAt, view: side.storedAt };
    }
    const elements = slab.rows * slab.columns;
    const bits = view.reserve(2 * elements);
    if (source.dtype === 'F64') {
      run.viewF64(side.storedAt, bits, elements);
      return { kind: 'f64', at: side.storedAt, view: bits };
    }
    const decoded = side.decode(source, slab);
    run.viewF32(decoded, bits, elements);
    return { kind: 'f32', at: decoded, view: bits };
  }

  /** How many elements are not finite on some side; their bits are set. */
  private exclude(loaded: readonly Loaded[], { rows, columns }: Rectangle): number {
    const { run } = this.kernels;
    const strange = loaded.filter(({ view }) => run.anyNonFinite(view, rows * columns) !== 0);
    if (strange.length === 0) return 0;
    const bytes = rows * Math.ceil(columns / 8);
    const at = this.excluded.reserve(bytes);
    this.kernels.bytes(at, bytes).fill(0);
    for (const { view } of strange) run.markNonFinite(view, at, rows, columns);
    return this.kernels.bytes(at, bytes).reduce((sum, byte) => sum + bitsOf(byte), 0);
  }

  private count(
    { eta, grid, area, tuned }: JointSpec,
    [base, ...loaded]: readonly Loaded[],
    slab: Rectangle,
    excludes: boolean,
  ): void {
    if (base === undefined) return;
    const { run } = this.kernels;
    const sides = tuned.length;
    const rowBytes = Math.ceil(slab.columns / 8);
    const bytes = 8 * Math.ceil((slab.rows * rowBytes) / 8);
    const changed = this.changed.reserve(sides * bytes);
    this.kernels.bytes(changed, sides * bytes).fill(0);
    const skipped = slab.firstColumn - area.firstColumn;
    for (const [side, { view }] of loaded.entries()) {
      const columns16 = grid.isMatrix ? this.columns16.at + 2 * (side * area.columns + skipped) : 0;
      for (let row = 0; row < slab.rows; row += mostRows) {
        const rows = Math.min(mostRows, slab.rows - row);
        const inChunk = slab.firstRow - area.firstRow + row;
        run.markChanged(
          base.view + 2 * row * slab.columns,
          view + 2 * row * slab.columns,
          excludes ? this.excluded.at + row * rowBytes : 0,
          changed + side * bytes + row * rowBytes,
          rows,
          slab.columns,
          grid.isMatrix ? this.rowChanged.at + 4 * (side * area.rows + inChunk) : 0,
          columns16,
          eta,
        );
        const columns32 = this.columns32.at + 4 * (side * area.columns + skipped);
        if (grid.isMatrix) run.addColumns(columns16, columns32, slab.columns);
      }
    }
    const { both, byRuns } = sumPlaces(this.sums.at, sides);
    run.countBits(changed, bytes, bytes, sides, both, byRuns);
  }

  private multiply([base, ...loaded]: readonly Loaded[], slab: Rectangle, excludes: boolean): void {
    if (base === undefined) return;
    const { run } = this.kernels;
    const { products, squares } = sumPlaces(this.sums.at, loaded.length);
    const rowBytes = Math.ceil(slab.columns / 8);
    // Where some are left out, block by block within a row: its bits begin at a byte.
    const area = { ...slab, firstRow: 0, firstColumn: 0 };
    const flat = { firstRow: 0, rows: 1, firstColumn: 0, columns: slab.rows * slab.columns };
    const lines = excludes
      ? Array.from({ length: slab.rows }, (_, row) => ({ ...area, firstRow: row, rows: 1 }))
      : [flat];
    for (const line of lines) {
      for (let column = 0; column < line.columns; column += blockElements) {
        const elements = Math.min(blockElements, line.columns - column);
        const from = line.firstRow * slab.columns + column;
        this.widen(base, from, elements);
        for (const [side, { kind, at }] of loaded.entries()) {
          const target = this.deltas.at + 8 * side * blockElements;
          const subtract = { bf16: run.deltaBf16, f32: run.deltaF32, f64: run.deltaF64 }[kind];
          subtract(this.wideAt, at + widths[kind] * from, target, elements);
          if (excludes)
            run.clearExcluded(target, this.excluded.at + line.firstRow * rowBytes + column / 8, 1, elements);
        }
        run.addProducts(this.deltas.at, 8 * blockElements, elements, loaded.length, products, squares);
      }
    }
  }

  private wideAt = 0;

  private widen({ kind, at }: Loaded, from: number, elements: number): void {
    const { run } = this.kernels;
    this.wideAt = this.wide.at;
    if (kind === 'bf16') run.widenBf16(at + 2 * from, this.wideAt, elements);
    else if (kind === 'f32') run.widenF32(at + 4 * from, this.wideAt, elements);
    else this.wideAt = at + 8 * from;
  }

  private sample(
    { grid, samples }: JointSpec,
    loaded: readonly Loaded[],
    slab: Rectangle,
    out: Float64Array,
  ): void {
    if (samples.length === 0) return;
    const first = slab.firstRow * grid.columns + slab.firstColumn;
    const end = first + slab.rows * slab.columns;
    for (const [at, position] of samples.entries()) {
      if (position < first || position >= end) continue;
      for (const [side, place] of loaded.entries()) {
        out[at * loaded.length + side] = this.valueAt(place, position - first);
      }
    }
  }

  private valueAt({ kind, at }: Loaded, index: number): number {
    const from = at + widths[kind] * index;
    const view = new DataView(this.kernels.bytes(from, widths[kind]).slice().buffer);
    if (kind === 'f64') return view.getFloat64(0, true);
    if (kind === 'f32') return view.getFloat32(0, true);
    const wide = new DataView(new ArrayBuffer(4));
    wide.setUint32(0, view.getUint16(0, true) << 16);
    return wide.getFloat32(0);
  }

  /** Of every side with the one before it, the first with the base. */
  private countGaps(spec: JointSpec, slab: Rectangle): void {
    const { tuned, grid } = spec;
    const { run } = this.kernels;
    const first = slab.firstRow * grid.columns + slab.firstColumn - firstOf(spec);
    for (const side of tuned.keys()) {
      if (!hasGaps(spec, side)) continue;
      const [before, after] = [this.member(side).side.storedAt, this.member(side + 1).side.storedAt];
      const at = this.gaps.at + side * run.gapBytes.value;
      run.countGaps(at, before, after, slab.rows * slab.columns, tuned[side]!.width, first);
    }
  }

  private foundGaps(spec: JointSpec): JointChunk['gaps'] {
    if (!spec.successive) return [];
    const bytes = this.kernels.run.gapBytes.value;
    return spec.tuned.map((_, side): ChunkGaps | null => {
      if (!hasGaps(spec, side)) return null;
      const words = this.kernels.uint32(this.gaps.at + side * bytes, 5);
      const [changed = 0, first = 0, last = 0, varintBytes = 0, wide = 0] = words;
      return { changed, first, last, varintBytes, wide };
    });
  }

  private finish({ tuned, grid, area }: JointSpec, found: JointCounts): void {
    const { kernels } = this;
    const sides = tuned.length;
    const { both, products, squares, byRuns } = sumPlaces(this.sums.at, sides);
    found.both.set(kernels.float64(both, sides * sides));
    found.products.set(kernels.float64(products, sides * sides));
    found.squares.set(kernels.float64(squares, sides * sides));
    found.byRuns.set(kernels.float64(byRuns, sides + 1));
    found.byRuns[0] =
      found.compared - found.byRuns.reduce((sum, count, runs) => (runs === 0 ? 0 : sum + count), 0);
    if (grid.isMatrix) {
      found.rowChanged.set(kernels.uint32(this.rowChanged.at, sides * area.rows));
      found.columnChanged.set(kernels.uint32(this.columns32.at, sides * area.columns));
    }
    for (const { side } of this.members) side.finish();
  }
}

/** Whether a side and the one before it are held against each other as they are stored. */
function hasGaps({ base, tuned, updates, successive }: JointSpec, side: number): boolean {
  const [before, after] = [side === 0 ? base : tuned[side - 1], tuned[side]];
  if (!successive || before === undefined || after === undefined) return false;
  const isStored = (updates[side - 1] ?? null) === null && (updates[side] ?? null) === null;
  return (
    isStored && before.dtype === after.dtype && before.packed === undefined && after.packed === undefined
  );
}

const widths = { bf16: 2, f32: 4, f64: 8 } as const;

/** Elements of a slab: with those of all sides as many as the two of a pair, but no less than a row. */
function slabLimit(sides: number, { columns }: Rectangle): number {
  return Math.max(Math.floor((2 * slabElements) / (sides + 1)), Math.min(columns, slabElements));
}

function sumsBytes(sides: number): number {
  return 8 * (3 * sides * sides + sides + 1);
}

function sumPlaces(at: number, sides: number): Record<'both' | 'products' | 'squares' | 'byRuns', number> {
  const size = 8 * sides * sides;
  return { both: at, products: at + size, squares: at + 2 * size, byRuns: at + 3 * size };
}

function bitsOf(byte: number): number {
  let count = 0;
  for (let rest = byte; rest !== 0; rest &= rest - 1) count += 1;
  return count;
}
