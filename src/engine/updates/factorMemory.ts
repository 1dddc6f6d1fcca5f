// Factors as they are read, the last few kept: those of a stack that is stored in parts are asked for once a part.
import type { StoredTensor } from '../checkpoint/checkpoint.ts';
import type { FileSystem } from '../files/fileSystem.ts';
import { readFactor } from './readFactor.ts';

/** A and B of the two stacks of a layer's experts. */
const kept = 4;

export class FactorMemory {
  readonly #fileSystem: FileSystem;
  #last: { tensor: StoredTensor; values: Promise<Float64Array> }[] = [];

  constructor(fileSystem: FileSystem) {
    this.#fileSystem = fileSystem;
  }

  read(tensor: StoredTensor): Promise<Float64Array> {
    const known = this.#last.find((each) => each.tensor === tensor);
    const found = known ?? { tensor, values: readFactor(this.#fileSystem, tensor) };
    this.#last = [found, ...this.#last.filter((each) => each !== found)].slice(0, kept);
    return found.values;
  }
}
