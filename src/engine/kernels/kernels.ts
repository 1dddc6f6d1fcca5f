// The typed face of dist/kernels.wasm: its functions, its memory, and the tally it counts in. Pointers are byte offsets
// into the memory; any alignment will do. Contracts of the functions stand beside them in assembly/.

const pageBytes = 65_536;
/** The module's own data and its tables. */
const modulePages = 52;

type Decode = (source: number, target: number, elements: number) => void;
type Subtract = (base: number, tuned: number, target: number, elements: number) => void;
type Compare = (
  tally: number,
  base: number,
  tuned: number,
  rows: number,
  columns: number,
  rowChanged: number,
  columnChanged: number,
  eta: number,
) => void;

/** An exported constant. */
interface Constant {
  readonly value: number;
}

export interface KernelExports {
  readonly tallyBytes: Constant;
  readonly tallySums: Constant;
  readonly tallyCounts: Constant;
  readonly tallyExponents: Constant;
  readonly tallyDeltaCounts: Constant;
  readonly tallyDeltaEnergies: Constant;
  clearTally(tally: number): void;
  decodeBf16: Decode;
  packBf16(base: number, tuned: number, target: number, elements: number): void;
  decodeF16: Decode;
  decodeE5m2: Decode;
  decodeE4m3: Decode;
  narrowF64: Decode;
  widenF32: Decode;
  applyScales(
    values: number,
    rows: number,
    columns: number,
    firstRow: number,
    firstColumn: number,
    scales: number,
    scaleColumns: number,
    blockRows: number,
    blockColumns: number,
    scaleRows: number,
    matrixRows: number,
  ): void;
  compareF32: Compare;
  compareF64: Compare;
  compareBytes(
    tally: number,
    base: number,
    tuned: number,
    width: number,
    rows: number,
    columns: number,
    rowChanged: number,
    columnChanged: number,
  ): void;
  /** Behind the tables that the module keeps at fixed places. */
  readonly tablesEnd: Constant;
  clearTables(): void;
  bf16Window(base: number, elements: number): number;
  countEqualBf16(base: number, elements: number): void;
  compareBf16(
    tally: number,
    window: number,
    base: number,
    tuned: number,
    rows: number,
    columns: number,
    rowChanged: number,
    unchanged: number,
    eta: number,
  ): void;
  compareF32Strips(
    tally: number,
    base: number,
    tuned: number,
    rows: number,
    columns: number,
    rowChanged: number,
    unchanged: number,
    eta: number,
  ): number;
  drainF32(tally: number, elements: number, idle: number): void;
  drainColumns(unchanged: number, columns: number, rows: number, columnChanged: number): void;
  drainPairs(tally: number, window: number): void;
  drainEqual(tally: number): void;
  survivingCasts(base: number, tuned: number, elements: number, final: number, mask: number): number;
  distinctValues(values: number, elements: number, bits: number, limit: number): number;
  bytesEqual(left: number, right: number, bytes: number): number;
  viewF32: Decode;
  viewF64: Decode;
  widenBf16: Decode;
  anyNonFinite(bits: number, elements: number): number;
  markNonFinite(bits: number, excluded: number, rows: number, columns: number): void;
  markChanged(
    base: number,
    tuned: number,
    excluded: number,
    changed: number,
    rows: number,
    columns: number,
    rowChanged: number,
    columns16: number,
    eta: number,
  ): void;
  addColumns(columns16: number, columns32: number, columns: number): void;
  countBits(changed: number, stride: number, bytes: number, runs: number, both: number, byRuns: number): void;
  deltaBf16: Subtract;
  deltaF32: Subtract;
  deltaF64: Subtract;
  clearExcluded(delta: number, excluded: number, rows: number, columns: number): void;
  addProducts(
    deltas: number,
    stride: number,
    elements: number,
    runs: number,
    products: number,
    squares: number,
  ): void;
  isBf16(values: number, count: number): number;
}

/** A stretch of kernel memory that can be asked to hold more; its address changes when it grows. */
export interface Region {
  readonly at: number;
  /** Makes room for `bytes`; what it held is lost when it has to move. */
  reserve(bytes: number): number;
}

export class Kernels {
  readonly run: KernelExports;
  private readonly memory: WebAssembly.Memory;
  private end: number;

  constructor(module: WebAssembly.Module) {
    this.memory = new WebAssembly.Memory({ initial: modulePages, maximum: 65_536 });
    const instance = new WebAssembly.Instance(module, { env: { memory: this.memory, abort: aborted } });
    this.run = instance.exports as KernelExports;
    this.end = this.run.tablesEnd.value;
  }

  region(bytes = 0): Region {
    let at = 0;
    let held = 0;
    const reserve = (wanted: number): number => {
      if (wanted > held) {
        // Powers of two: what is left behind by moves never adds up to more than what is held.
        held = 2 ** Math.ceil(Math.log2(wanted));
        at = this.allocate(held);
      }
      return at;
    };
    reserve(bytes);
    return {
      get at() {
        return at;
      },
      reserve,
    };
  }

  // Views are made anew each time: growing the memory detaches the old ones.
  bytes(at: number, length: number): Uint8Array {
    return new Uint8Array(this.memory.buffer, at, length);
  }

  uint16(at: number, length: number): Uint16Array {
    return new Uint16Array(this.memory.buffer, at, length);
  }

  uint32(at: number, length: number): Uint32Array {
    return new Uint32Array(this.memory.buffer, at, length);
  }

  float32(at: number, length: number): Float32Array {
    return new Float32Array(this.memory.buffer, at, length);
  }

  float64(at: number, length: number): Float64Array {
    return new Float64Array(this.memory.buffer, at, length);
  }

  private allocate(bytes: number): number {
    const at = this.end;
    this.end = Math.ceil((at + bytes) / 64) * 64;
    const missing = Math.ceil((this.end - this.memory.buffer.byteLength) / pageBytes);
    if (missing > 0) this.memory.grow(missing);
    return at;
  }
}

function aborted(): never {
  throw new Error('A kernel stopped itself.');
}
