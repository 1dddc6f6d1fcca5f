// One remote file, read by ranges through whatever door it lies behind. Every reply is held to what was asked for: status,
// Content-Range, total size, the number of bytes and the validator of the first reply. A read that is cut off goes on at the
// byte it had reached.
import type { RangeSource } from '../../engine/files/rangeSource.ts';
import { ThreeGateError, type ProblemCode } from '../../shared/errors.ts';
import { PassingFault, Patience } from './patience.ts';
import type { Limits } from './transport.ts';

export interface ByteRange {
  from: number;
  /** Behind the last byte. */
  to: number;
}

/** A reply to one request, of which nothing has been believed yet. */
export interface Reply {
  /** 206, or 200 for a file that is sent as a whole. */
  status: number;
  headers: Headers;
  /** Bytes as they come; rejects when they stop. */
  body: () => AsyncGenerator<Uint8Array>;
  /** Lets the connection go. */
  drop: () => void;
}

/** The way to a file: one request, without a second attempt. */
export interface Door {
  /**
   * @param etag what the content was called at first; null where it is not known
   * Rejects with a PassingFault where another attempt may do better, and with a ThreeGateError where none will.
   */
  ask(range: ByteRange, etag: string | null, signal: AbortSignal): Promise<Reply>;
}

interface RangedFileOptions {
  address: string;
  size: number;
  identity: string;
  /** Where it is known already. */
  etag: string | null;
}

export class RangedFile implements RangeSource {
  readonly address: string;
  readonly size: number;
  readonly identity: string;
  private etag: string | null;

  constructor(
    private readonly door: Door,
    private readonly limits: Limits,
    options: RangedFileOptions,
  ) {
    ({ address: this.address, size: this.size, identity: this.identity, etag: this.etag } = options);
  }

  async read(offset: number, length: number, signal: AbortSignal): Promise<Uint8Array> {
    requireInside(this, { from: offset, to: offset + length });
    const out = new Uint8Array(length);
    const patience = new Patience(this.limits, signal, (why) =>
      this.fail('remote-failed', `could not be read at bytes ${offset}–${offset + length - 1}: ${why}`),
    );
    let filled = 0;
    while (filled < length) {
      const before = filled;
      try {
        for await (const part of this.attempt({ from: offset + filled, to: offset + length }, signal)) {
          out.set(part, filled);
          filled += part.length;
        }
      } catch (error) {
        await patience.after(error, filled > before);
      }
    }
    return out;
  }

  /** Checked bytes from `range.from` on; ends early with a PassingFault. */
  private async *attempt(range: ByteRange, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    const reply = await this.door.ask(range, this.etag, signal);
    const end = this.check(reply, range);
    let at = range.from;
    for await (const part of reply.body()) {
      if (at + part.length > end) {
        throw this.fail(
          'remote-failed',
          `sends more than bytes ${range.from}–${end - 1}, which were asked for`,
        );
      }
      at += part.length;
      yield part;
    }
    if (at < range.to)
      throw new PassingFault(`the reply ends after ${at - range.from} of ${range.to - range.from} bytes`);
  }

  /** Where the body of a good reply ends; throws for any other. */
  private check(reply: Reply, range: ByteRange): number {
    try {
      const whole = range.from === 0 && range.to === this.size;
      if (reply.status !== 206 && !(whole && isPlain(reply.headers, this.size))) {
        throw this.fail(
          'remote-failed',
          `is sent as a whole (status ${reply.status}) where bytes ${range.from}–${range.to - 1} were asked for: its server reads no ranges, or something between answers in its place`,
        );
      }
      this.checkEtag(validatorOf(reply.headers));
      return reply.status === 206 ? this.checkRange(reply.headers, range) : this.size;
    } catch (error) {
      reply.drop();
      throw error;
    }
  }

  private checkEtag(validator: string | null): void {
    if (validator === null) return;
    this.etag ??= validator;
    if (this.etag === validator) return;
    throw this.fail('remote-changed', `was replaced while it was read (${this.etag}, then ${validator})`);
  }

  private checkRange(headers: Headers, range: ByteRange): number {
    const told = contentRange(headers);
    if (told === null)
      throw this.fail('remote-failed', 'is sent in part (status 206) without saying which part');
    const { from, to, total } = told;
    if (total !== null && total !== this.size) {
      throw this.fail('remote-changed', `has ${total} bytes now and had ${this.size} when it was opened`);
    }
    if (from !== range.from || to > range.to || to <= from) {
      throw this.fail(
        'remote-failed',
        `is sent from byte ${from} to ${to - 1} where bytes ${range.from}–${range.to - 1} were asked for`,
      );
    }
    return to;
  }

  private fail(code: ProblemCode, what: string): ThreeGateError {
    return new ThreeGateError(code, `${this.address} ${what}.`, { file: this.address });
  }
}

/** Refuses what lies outside a file. */
export function requireInside(
  { address, size }: Pick<RangeSource, 'address' | 'size'>,
  { from, to }: ByteRange,
): void {
  if (from >= 0 && from <= to && to <= size) return;
  const message = `${address} has ${size} bytes, and bytes ${from}–${to - 1} were to be read.`;
  throw new ThreeGateError('file-truncated', message, { file: address });
}

/** Bytes `from` … `to − 1` of `total`, as Content-Range says; null when it says nothing that can be read. */
export function contentRange(headers: Headers): (ByteRange & { total: number | null }) | null {
  const match = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(headers.get('content-range') ?? '');
  if (match === null) return null;
  const [, from = '', last = '', total = ''] = match;
  return { from: Number(from), to: Number(last) + 1, total: total === '*' ? null : Number(total) };
}

/** What tells one content of a file from the next. */
export function validatorOf(headers: Headers): string | null {
  return headers.get('etag') ?? headers.get('last-modified');
}

/** A body that is the whole file and nothing around it. */
function isPlain(headers: Headers, size: number): boolean {
  const length = headers.get('content-length');
  return length === null || headers.has('content-encoding') || Number(length) === size;
}
