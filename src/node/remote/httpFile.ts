// One file behind HTTP, read by ranges. Every reply is held to what was asked for: status, Content-Range, total size, the
// number of bytes and the validator of the first reply. A read that is cut off goes on at the byte it had reached.
import { ThreeGateError, type ProblemCode } from '../../shared/errors.ts';
import type { RangeSource } from '../../engine/files/rangeSource.ts';
import { PassingFault, Patience, requireReady } from './patience.ts';
import type { Answer, Transport } from './transport.ts';

interface HttpFileOptions {
  address: string;
  /** Query included; never shown. */
  url: string;
  size: number;
  /** What the first hop must call the content, where a listing told it. */
  linkedEtag: string | null;
  /** Of the last hop, where it is known already. */
  etag: string | null;
  identity: string;
}

interface Range {
  from: number;
  /** Behind the last byte. */
  to: number;
}

export class HttpFile implements RangeSource {
  readonly address: string;
  readonly size: number;
  readonly identity: string;
  private readonly url: string;
  private readonly linkedEtag: string | null;
  private etag: string | null;
  /** Where the last redirect led; asked again when it is refused there. */
  private direct: string | null = null;

  constructor(
    private readonly transport: Transport,
    options: HttpFileOptions,
  ) {
    ({ address: this.address, size: this.size, identity: this.identity, url: this.url } = options);
    this.linkedEtag = options.linkedEtag;
    this.etag = options.etag;
  }

  async read(offset: number, length: number, signal: AbortSignal): Promise<Uint8Array> {
    if (!(offset >= 0 && length >= 0 && offset + length <= this.size)) {
      throw this.fail(
        'file-truncated',
        `has ${this.size} bytes, and bytes ${offset}–${offset + length - 1} were to be read`,
      );
    }
    const out = new Uint8Array(length);
    const patience = new Patience(this.transport.limits, signal, (why) =>
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
  private async *attempt(range: Range, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    const headers = { range: `bytes=${range.from}-${range.to - 1}` };
    const answer = await this.transport.get(this.direct ?? this.url, headers, signal);
    const end = this.check(answer, range);
    let at = range.from;
    for await (const part of answer.body()) {
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
  private check(answer: Answer, range: Range): number {
    const { response, first, finalUrl } = answer;
    try {
      this.checkStatus(answer, range);
      this.checkEtag(response.headers, first);
      const end = this.checkRange(response, range);
      this.direct = finalUrl === this.url ? null : finalUrl;
      return end;
    } catch (error) {
      answer.drop();
      throw error;
    }
  }

  private checkStatus({ response, finalUrl }: Answer, range: Range): void {
    const { status, headers } = response;
    const whole = range.from === 0 && range.to === this.size;
    if (status === 206 || (status === 200 && whole && isPlain(headers, this.size))) return;
    // A signed address that has expired: the way there is asked for anew.
    const wasLed = this.direct !== null || finalUrl !== this.url;
    if (wasLed && [401, 403, 404, 410].includes(status)) {
      this.direct = null;
      throw new PassingFault(`the address it redirects to answered ${status}`);
    }
    requireReady(response);
    if (status === 200) {
      throw this.fail(
        'remote-failed',
        `is sent as a whole (status 200) where bytes ${range.from}–${range.to - 1} were asked for: its server reads no ranges, or something between answers in its place`,
      );
    }
    throw refused(this.address, status, headers);
  }

  private checkEtag(headers: Headers, first: Headers): void {
    const linked = first.get('x-linked-etag');
    if (this.linkedEtag !== null && linked !== null && strip(linked) !== this.linkedEtag) {
      throw this.fail(
        'remote-changed',
        `is ${strip(linked)} now and was ${this.linkedEtag} when it was listed`,
      );
    }
    const validator = validatorOf(headers);
    if (validator === null) return;
    this.etag ??= validator;
    if (this.etag === validator) return;
    throw this.fail('remote-changed', `was replaced while it was read (${this.etag}, then ${validator})`);
  }

  private checkRange(response: Response, range: Range): number {
    if (response.status === 200) return this.size;
    const told = contentRange(response.headers);
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

/** Bytes `from` … `to − 1` of `total`, as Content-Range says; null when it says nothing that can be read. */
export function contentRange(headers: Headers): { from: number; to: number; total: number | null } | null {
  const match = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(headers.get('content-range') ?? '');
  if (match === null) return null;
  const [, from = '', last = '', total = ''] = match;
  return { from: Number(from), to: Number(last) + 1, total: total === '*' ? null : Number(total) };
}

/** What tells one content of a file from the next. */
export function validatorOf(headers: Headers): string | null {
  return headers.get('etag') ?? headers.get('last-modified');
}

/** An ETag without its quotes and its mark of weakness. */
function strip(etag: string): string {
  return etag.replace(/^W\//, '').replace(/^"(.*)"$/, '$1');
}

/** The sentence for a status that no further attempt will change. */
export function refused(address: string, status: number, headers: Headers): ThreeGateError {
  const place = { file: address };
  if (status === 401 || status === 403) {
    const gated =
      headers.get('x-error-code') === 'GatedRepo' ? ' Its owner asks for consent on its page first.' : '';
    const message = `${address} may not be read (status ${status}): it is private, gated, or does not exist. HF_TOKEN, or "hf auth login", says who reads.${gated}`;
    return new ThreeGateError('remote-denied', message, place);
  }
  if (status === 404 || status === 410) {
    return new ThreeGateError('not-found', `${address} does not exist (status ${status}).`, place);
  }
  return new ThreeGateError(
    'remote-failed',
    `${address} cannot be read: its server answered ${status}.`,
    place,
  );
}

/** A body that is the whole file and nothing around it. */
function isPlain(headers: Headers, size: number): boolean {
  const length = headers.get('content-length');
  return length === null || headers.has('content-encoding') || Number(length) === size;
}
