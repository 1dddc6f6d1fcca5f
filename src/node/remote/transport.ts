// HTTP as remote checkpoints need it: redirects by hand, a token for one origin alone, and an end to every silence.
// No URL that leaves this file for people holds a query: signatures live there.
import type { TakeBytes } from '../../engine/files/rangeSource.ts';
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

/** The head of a reply, and its body as it came: neither unpacked nor redirected. */
export interface RawReply {
  status: number;
  headers: Headers;
  /** Hands on the body as it comes; an error of `take` ends it. */
  read(take: TakeBytes): Promise<void>;
  /** Takes what little there is of the body, so that the connection serves again. */
  dump(): Promise<unknown>;
}

/** One GET request. Rejects when the connection fails, and with the signal's reason when it is aborted. */
export type Send = (url: URL, headers: Record<string, string>, signal: AbortSignal) => Promise<RawReply>;

interface HubToken {
  /** The only origin that may see it. */
  origin: string;
  value: string;
}

export interface Answer {
  status: number;
  headers: Headers;
  /** Where the last redirect led, query included; to be kept to itself. */
  finalUrl: string;
  /** Headers of the first answer, where the Hub says what the file is. */
  first: Headers;
  /** Hands on the body as it comes; a silence ends it with `StalledError`. */
  read: (take: TakeBytes) => Promise<void>;
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
    private readonly send: Send,
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
        const reply = await watch.during(this.send(at, this.headersFor(at, headers), watch.signal));
        first ??= reply.headers;
        const location = reply.headers.get('location');
        if (hops === 0 || !redirects.has(reply.status) || location === null)
          return answer(reply, at.href, first, watch);
        await watch.during(reply.dump());
        at = this.next(at, Buffer.from(location, 'latin1').toString());
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

/** How a body was packed although that was declined; null for bytes as they are. */
export function packing(headers: Headers): string | null {
  const encoding = headers.get('content-encoding')?.toLowerCase() ?? 'identity';
  // The mark that some uploads leave in S3 says how the bytes came there, not what they are.
  return encoding === '' || encoding === 'identity' || encoding === 'aws-chunked' ? null : encoding;
}

function answer(reply: RawReply, finalUrl: string, first: Headers, watch: Silence): Answer {
  const { status, headers } = reply;
  return {
    status,
    headers,
    finalUrl,
    first,
    async read(take) {
      const parts = reply.read((bytes) => {
        watch.restart();
        take(bytes);
      });
      try {
        await watch.during(parts);
      } finally {
        watch.end();
      }
    },
    drop() {
      watch.end();
    },
  };
}

/** Ends a request when nothing has come for a while. */
class Silence {
  readonly signal: AbortSignal;
  private readonly controller = new AbortController();
  private readonly timer: NodeJS.Timeout;
  private isWaiting = false;

  constructor(stallMs: number, outer: AbortSignal) {
    this.signal = AbortSignal.any([outer, this.controller.signal]);
    this.timer = setTimeout(() => {
      if (!this.isWaiting) return;
      this.controller.abort(new StalledError(`nothing came for ${stallMs / 1000} s`));
    }, stallMs);
  }

  async during<Value>(work: Promise<Value>): Promise<Value> {
    this.isWaiting = true;
    this.restart();
    try {
      return await work;
    } finally {
      this.isWaiting = false;
    }
  }

  restart(): void {
    this.timer.refresh();
  }

  end(): void {
    clearTimeout(this.timer);
    this.controller.abort();
  }
}
