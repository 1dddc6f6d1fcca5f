// The safetensors file of masks, written front to back: space for the header first, then one BOOL tensor after the
// other, at last the header itself, when it is known which tensors made it and what they hash to.
import type { BinaryOutput } from '../files/binaryOutput.ts';
import { headerBytes, headerText, type HeaderEntry } from '../formats/safetensors/writeHeader.ts';

type Entry = Pick<HeaderEntry, 'name' | 'shape'>;

export class MaskFile {
  private readonly headBytes: number;
  private readonly entries: HeaderEntry[] = [];
  private length = 0;

  /** @param planned everything that may come; `metadata` of the same length as what `finish` gets */
  constructor(
    private readonly output: BinaryOutput,
    planned: readonly Entry[],
    metadata: Record<string, string>,
  ) {
    this.headBytes = headerBytes(headerText(planned.map(maskEntry), metadata)).length;
  }

  /** Bytes of the whole file so far. */
  get bytes(): number {
    return this.headBytes + this.length;
  }

  /** The next tensor, whole; zeros and ones. */
  async add(name: string, shape: readonly number[], mask: Uint8Array): Promise<void> {
    await this.output.write(this.bytes, mask);
    this.entries.push(maskEntry({ name, shape }));
    this.length += mask.length;
  }

  async finish(metadata: Record<string, string>): Promise<void> {
    await this.output.write(0, headerBytes(headerText(this.entries, metadata), this.headBytes - 8));
    await this.output.commit();
  }
}

function maskEntry({ name, shape }: Entry): HeaderEntry {
  return { name, shape, dtype: 'BOOL', bytes: shape.reduce((product, size) => product * size, 1) };
}
