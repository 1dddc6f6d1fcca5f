// An instance of dist/linalg.wasm with a memory of its own, from which arrays are taken anew for every call.
import { ThreeGateError } from '../../shared/errors.ts';

const pageBytes = 65_536;

export class Arena<Exports> {
  readonly run: Exports;
  private readonly memory: WebAssembly.Memory;
  /** Where arrays begin. */
  private readonly start: number;

  /** @param module compiled from `assembly/`. */
  constructor(module: WebAssembly.Module) {
    this.memory = new WebAssembly.Memory({ initial: 1, maximum: 65_536 });
    const instance = new WebAssembly.Instance(module, { env: { memory: this.memory, abort: abortKernel } });
    this.run = instance.exports as Exports;
    this.start = aligned((instance.exports as { arenaStart(): number }).arenaStart());
  }

  /** Addresses of arrays of these byte lengths, 16-byte aligned, valid until the next call. */
  reserve<const Sizes extends number[]>(sizes: Sizes): { [Index in keyof Sizes]: number } {
    let end = this.start;
    const addresses = sizes.map((size) => {
      const at = end;
      end = aligned(end + size);
      return at;
    });
    const missing = Math.ceil((end - this.memory.buffer.byteLength) / pageBytes);
    if (missing > 0) this.memory.grow(missing);
    return addresses as { [Index in keyof Sizes]: number };
  }

  // Views are made anew each time: growing the memory detaches the old ones.
  doubles(address: number, length: number): Float64Array {
    return new Float64Array(this.memory.buffer, address, length);
  }

  floats(address: number, length: number): Float32Array {
    return new Float32Array(this.memory.buffer, address, length);
  }

  words(address: number, length: number): Uint32Array {
    return new Uint32Array(this.memory.buffer, address, length);
  }
}

function aligned(address: number): number {
  return (address + 15) & ~15;
}

function abortKernel(): never {
  throw new ThreeGateError('internal', 'A numerical kernel stopped on an internal check.');
}
