// The replaced elements of one tensor of a patch, read from front to back in windows: no more of them is in memory than one window
// and what the chunk of the base takes. Indices that do not rise, or lie outside the tensor, are refused.
import { ThreeGateError } from '../../shared/errors.ts';
import { dtypes } from '../checkpoint/dtype.ts';
import type { PlainTensor } from '../checkpoint/plainTensor.ts';
import type { TensorValues } from '../checkpoint/tensorValues.ts';
import type { Replaced } from './elements.ts';
import { unpackIndices } from './indices.ts';

/** Elements a window. */
const windowElements = 2 ** 18;

export class SparseParts {
  private readonly width: number;
  private readonly dtype: 'I32' | 'I64';
  private window: Replaced = { indices: new Float64Array(), values: new Uint8Array() };
  /** Elements of the window that were given away. */
  private taken = 0;
  private read = 0;
  private last = -1;

  /** Throws where the two do not fit each other. @param elements of the tensor that they belong to */
  constructor(
    private readonly tensor: string,
    private readonly elements: number,
    private readonly indices: PlainTensor,
    private readonly replaced: PlainTensor,
    private readonly values: TensorValues,
  ) {
    if (indices.elements !== replaced.elements || (indices.dtype !== 'I32' && indices.dtype !== 'I64')) {
      throw this.damaged('its indices and values do not fit each other');
    }
    this.dtype = indices.dtype;
    this.width = dtypes[replaced.dtype].bits / 8;
  }

  /** Calls `use` for all that lie before index `end`, in order, and no more than once each. */
  async until(end: number, use: (replaced: Replaced) => void): Promise<void> {
    for (;;) {
      if (this.taken === this.window.indices.length && !(await this.next())) return;
      const { indices, values } = this.window;
      let to = this.taken;
      while (to < indices.length && indices[to]! < end) to++;
      if (to > this.taken) {
        const from = this.taken;
        // A copy begins aligned.
        use({
          indices: indices.subarray(from, to),
          values: values.slice(from * this.width, to * this.width),
        });
        this.taken = to;
      }
      if (to < indices.length) return;
    }
  }

  private async next(): Promise<boolean> {
    const count = Math.min(windowElements, this.indices.elements - this.read);
    if (count === 0) return false;
    const stored = await this.values.stored(this.indices, this.read, count);
    const indices = unpackIndices(stored, this.dtype);
    for (const index of indices) {
      if (index <= this.last || index >= this.elements) throw this.damaged(`index ${index} is out of place`);
      this.last = index;
    }
    this.window = { indices, values: await this.values.stored(this.replaced, this.read, count) };
    this.taken = 0;
    this.read += count;
    return true;
  }

  private damaged(why: string): ThreeGateError {
    const { file } = this.indices;
    const message = `${file} is damaged: of ${this.tensor}, ${why}.`;
    return new ThreeGateError('header-entry', message, { file, tensor: this.tensor });
  }
}
