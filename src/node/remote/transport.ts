// HTTP as remote checkpoints need it: redirects by hand, a token for one origin alone, and an end to every silence.
// No URL that leaves this file for people holds a query: signatures live there.
import { isNear } from '../../engine/files/remoteAddress.ts';
import { ThreeGateError } from '../../shared/errors.ts';

export interface Limits {
  /** Longest silence before the headers and between two pieces of a body. */
  stallMs: number;
  /** Attempts in a row that bring no byte. */
  attempts: number;
  /** First pause between attempts; it doubles. */
  pauseMs: number;
  /** Longest wait that a server may ask for. */
  longestWaitMs: number;
}

export const defaultLimits: Limits = { stallMs: 30_000, attempts: 6, pauseMs: 500, longestWaitMs: 120_000 };

interface HubToken {
  /** The only origin that may see it. */
  origin: string;
  value: string;
}

export interface Answer {
  response: Response;
  /** Where the last redirect led, query included; to be kept to itself. */
  finalUrl: string;
  /** Headers of the first answer, where the Hub says what the file is. */
  first: Headers;
  /** Bytes of the body as they come; a silence ends it with `StalledError`. */
  body: () => AsyncGenerator<Uint8Array>;
  /** Lets the connection go. */
  drop: () => void;
}

export class StalledError extends Error {}

const redirects = new Set([301, 302, 303, 307, 308]);
const mostRedirects = 5;

export class Transport {
  constructor(
    private readonly token: HubToken | null,
    readonly limits: Limits,
    private readonly fetch: typeof globalThis.fetch,
  ) {}

  /** One request and the redirects it is sent through. Rejects when the connection fails, stalls or is aborted. */
  get(url: string, headers: Record<string, string>, signal: AbortSignal): Promise<Answer> {
    return this.follow(url, headers, signal, mostRedirects);
  }

  /** As `get`; a redirect is an answer like any other. */
  once(url: string, headers: Record<string, string>, signal: AbortSignal): Promise<Answer> {
    return this.follow(url, headers, signal, 0);
  }

  private async follow(
    url: string,
    headers: Record<string, string>,
    signal: AbortSignal,
    hops: number,
  ): Promise<Answer> {
    const watch = new Silence(this.limits.stallMs, signal);
    let at = new URL(url);
    let first: Headers | null = null;
    try {
      for (let hop = 0; hop <= hops; hop++) {
        const response = await watch.during(
          this.fetch(at, { headers: this.headersFor(at, headers), redirect: 'manual', signal: watch.signal }),
        );
        first ??= response.headers;
        const location = response.headers.get('location');
        if (hops === 0 || !redirects.has(response.status) || location === null)
          return answer(response, at.href, first, watch);
        await response.body?.cancel();
        at = this.next(at, location);
      }
    } catch (error) {
      watch.end();
      throw error;
    }
    watch.end();
    throw new ThreeGateError(
      'remote-failed',
      `${shown(url)} was redirected more than ${mostRedirects} times.`,
    );
  }

  private headersFor(url: URL, headers: Record<string, string>): Record<string, string> {
    const told = { 'accept-encoding': 'identity', ...headers };
    if (this.token?.origin !== url.origin) return told;
    return { ...told, authorization: `Bearer ${this.token.value}` };
  }

  private next(from: URL, location: string): URL {
    const to = new URL(location, from);
    const isSafe = to.protocol === 'https:' || (to.protocol === 'http:' && isNear(to.hostname));
    if (isSafe) return to;
    const message = `${shown(from.href)} redirects to ${shown(to.href)}, which is not read without encryption.`;
    throw new ThreeGateError('remote-failed', message);
  }
}

/** A URL for people. */
export function shown(url: string): string {
  return url.replace(/[?#].*$/s, '');
}

function answer(response: Response, finalUrl: string, first: Headers, watch: Silence): Answer {
  return {
    response,
    finalUrl,
    first,
    async *body() {
      if (response.body === null) return;
      const reader = (response.body as ReadableStream<Uint8Array>).getReader();
      try {
        for (;;) {
          const { done, value } = await watch.during(reader.read());
          if (done) return;
          yield value;
        }
      } finally {
        watch.end();
        await reader.cancel().catch(() => undefined);
      }
    },
    drop() {
      watch.end();
      void response.body?.cancel().catch(() => undefined);
    },
  };
}

/** Ends a request when nothing has come for a while. */
class Silence {
  readonly signal: AbortSignal;
  private readonly controller = new AbortController();

  constructor(
    private readonly stallMs: number,
    outer: AbortSignal,
  ) {
    this.signal = AbortSignal.any([outer, this.controller.signal]);
  }

  async during<Value>(work: Promise<Value>): Promise<Value> {
    const timer = setTimeout(() => {
      this.controller.abort(new StalledError(`nothing came for ${this.stallMs / 1000} s`));
    }, this.stallMs);
    try {
      return await work;
    } finally {
      clearTimeout(timer);
    }
  }

  end(): void {
    this.controller.abort();
  }
}
