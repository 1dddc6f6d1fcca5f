// The way to one file behind HTTP: asks where it is named, goes on where that redirects, and asks anew when it is refused there.
import { ThreeGateError } from '../../shared/errors.ts';
import { PassingFault, requireReady } from './patience.ts';
import type { ByteRange, Door, Reply } from './rangedFile.ts';
import type { Answer, Transport } from './transport.ts';

interface HttpPlace {
  address: string;
  /** Query included; never shown. */
  url: string;
  /** What the first hop must call the content, where a listing told it. */
  linkedEtag: string | null;
}

export class HttpDoor implements Door {
  /** Where the last redirect led. */
  private direct: string | null = null;

  constructor(
    private readonly transport: Transport,
    private readonly place: HttpPlace,
  ) {}

  async ask({ from, to }: ByteRange, _etag: string | null, signal: AbortSignal): Promise<Reply> {
    const { url } = this.place;
    const answer = await this.transport.get(this.direct ?? url, { range: `bytes=${from}-${to - 1}` }, signal);
    try {
      this.checkStatus(answer);
      this.checkLink(answer.first);
    } catch (error) {
      answer.drop();
      throw error;
    }
    this.direct = answer.finalUrl === url ? null : answer.finalUrl;
    const { status, headers, read, drop } = answer;
    return { status, headers, read, drop };
  }

  private checkStatus({ status, headers, finalUrl }: Answer): void {
    if (status === 200 || status === 206) return;
    // A signed address that has expired: the way there is asked for anew.
    const wasLed = this.direct !== null || finalUrl !== this.place.url;
    if (wasLed && [401, 403, 404, 410].includes(status)) {
      this.direct = null;
      throw new PassingFault(`the address it redirects to answered ${status}`);
    }
    requireReady({ status, headers });
    throw refused(this.place.address, status, headers);
  }

  private checkLink(first: Headers): void {
    const { address, linkedEtag } = this.place;
    const linked = first.get('x-linked-etag');
    if (linkedEtag === null || linked === null || strip(linked) === linkedEtag) return;
    const message = `${address} is ${strip(linked)} now and was ${linkedEtag} when it was listed.`;
    throw new ThreeGateError('remote-changed', message, { file: address });
  }
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
