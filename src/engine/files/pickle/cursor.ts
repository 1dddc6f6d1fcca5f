// Little-endian reads from a pickle's bytes; a read beyond the end is refused in words.
import type { ThreeGateError } from '../../../shared/errors.ts';
import type { PicklePolicy } from './policy.ts';

/** Python's integers have no limit; a tensor file's have at most the 64 bits of a hash. */
const maxLongBytes = 64;
const maxLineBytes = 1000;
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export class PickleCursor {
  private readonly bytes: Uint8Array;
  private readonly view: DataView;
  private readonly refuse: (what: string) => ThreeGateError;
  private readonly policy: PicklePolicy;
  private at = 0;

  constructor(bytes: Uint8Array, refuse: (what: string) => ThreeGateError, policy: PicklePolicy) {
    this.policy = policy;
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.refuse = refuse;
  }

  get position(): number {
    return this.at;
  }

  uint8(): number {
    return this.view.getUint8(this.advance(1));
  }

  uint16(): number {
    return this.view.getUint16(this.advance(2), true);
  }

  uint32(): number {
    return this.view.getUint32(this.advance(4), true);
  }

  int32(): number {
    return this.view.getInt32(this.advance(4), true);
  }

  /** Beyond 2⁵³ imprecise, and then beyond the end of any file. */
  uint64(): number {
    return Number(this.view.getBigUint64(this.advance(8), true));
  }

  /** Big-endian, as BINFLOAT is. */
  float64(): number {
    return this.view.getFloat64(this.advance(8), false);
  }

  /** Two's complement; a number where it is exact, else a bigint. */
  long(length: number): number | bigint {
    if (length > maxLongBytes) throw this.refuse(`has an integer of ${length} bytes`);
    const start = this.advance(length);
    let value = 0n;
    for (let index = length - 1; index >= 0; index -= 1) {
      value = (value << 8n) | BigInt(this.view.getUint8(start + index));
    }
    const signed = BigInt.asIntN(8 * length, value);
    return signed >= BigInt(Number.MIN_SAFE_INTEGER) && signed <= BigInt(Number.MAX_SAFE_INTEGER)
      ? Number(signed)
      : signed;
  }

  text(length: number): string {
    const limit = this.policy.limits.text;
    if (length > limit) throw this.refuse(`holds a text of ${length} bytes, more than ${limit}`);
    const start = this.advance(length);
    return this.decode(this.bytes.subarray(start, start + length));
  }

  /** Up to the next line feed, without it. */
  line(): string {
    const end = this.bytes.indexOf(0x0a, this.at);
    if (end < 0) throw this.ended();
    if (end - this.at > maxLineBytes) throw this.refuse(`has a name of ${end - this.at} bytes`);
    const text = this.decode(this.bytes.subarray(this.at, end));
    this.at = end + 1;
    return text;
  }

  private decode(bytes: Uint8Array): string {
    try {
      return utf8.decode(bytes);
    } catch {
      throw this.refuse('has text that is not UTF-8');
    }
  }

  /** The position before `length` bytes, all of which are there. */
  private advance(length: number): number {
    const start = this.at;
    if (start + length > this.bytes.length) throw this.ended();
    this.at = start + length;
    return start;
  }

  private ended(): ThreeGateError {
    return this.refuse(this.policy.wording.ended(this.bytes.length, this.at));
  }
}
