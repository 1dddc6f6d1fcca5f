// One remote file, read by ranges through whatever door it lies behind. Every reply is held to what was asked for: status,
// Content-Range, total size, the number of bytes and the validator of the first reply. A read that is cut off goes on at the
// byte it had reached.
import type { RangeSource, TakeBytes } from '../../engine/files/rangeSource.ts';
import { ThreeGateError, type ProblemCode } from '../../shared/errors.ts';
import { PassingFault, Patience } from './patience.ts';
import { packing, type Limits } from './transport.ts';

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
  /** Hands on the body as it comes; rejects when it stops. */
  read: (take: TakeBytes) => Promise<void>;
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

  async read(range: ByteRange, take: TakeBytes, signal: AbortSignal): Promise<void> {
    requireInside(this, range);
    const { from: begin, to: end } = range;
    const patience = new Patience(this.limits, signal, (why) =>
      this.fail('remote-failed', `could not be read at bytes ${begin}–${end - 1}: ${why}`),
    );
    let at = begin;
    while (at < end) {
      const from = at;
      try {
        const reply = await this.door.ask({ from, to: end }, this.etag, signal);
        const stop = this.check(reply, { from, to: end });
        await reply.read((part) => {
          if (at + part.length > stop) throw this.tooLong({ from, to: stop });
          take(part);
          at += part.length;
        });
        if (at < end) throw new PassingFault(`the reply ends after ${at - from} of ${end - from} bytes`);
      } catch (error) {
        await patience.after(error, at > from);
      }
    }
  }

  private tooLong({ from, to }: ByteRange): ThreeGateError {
    return this.fail('remote-failed', `sends more than bytes ${from}–${to - 1}, which were asked for`);
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
      const packed = packing(reply.headers);
      if (packed !== null) {
        const what = `is sent packed (content-encoding ${packed}), so that its bytes are not those of the file`;
        throw this.fail('remote-failed', what);
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
  return length === null || Number(length) === size;
}
