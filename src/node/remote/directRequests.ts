// Requests without a proxy whose replies say how long they are: a body goes from the socket into one room, which all
// connections share, and from there to whoever takes it. No byte is copied and no memory is made for it. Strict HTTP/1.1, and
// nothing of it but that: any other reply is left to a client that reads all of the protocol.
import { isIP, connect as connectPlain, type Socket, type TcpNetConnectOpts } from 'node:net';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';
import type { TakeBytes } from '../../engine/files/rangeSource.ts';
import { PassingFault } from './patience.ts';
import { HeadReader, type ReplyHead } from './replyHead.ts';
import type { RawReply } from './transport.ts';

/** Bytes that one call of the system may bring. */
const roomBytes = 1 << 20;
/** A head, and what little of the body comes with it: that is kept until the body is asked for. */
const headRoomBytes = 1 << 14;
/** Servers close what is idle after 5 s and more. */
const idleMs = 4000;
/** More of a body that nobody wants costs more than another connection. */
const mostDumped = 1 << 16;

export class DirectRequests {
  private readonly idle = new Map<string, Connection[]>();
  private room: Uint8Array | null = null;

  /** Null for a reply that is not understood; its connection is closed. */
  async get(url: URL, headers: Record<string, string>, signal: AbortSignal): Promise<RawReply | null> {
    signal.throwIfAborted();
    this.room ??= new Uint8Array(roomBytes);
    const idle = this.idle.get(url.origin) ?? [];
    this.idle.set(url.origin, idle);
    const connection = idle.pop() ?? new Connection(url, this.room);
    connection.onIdle = () => void idle.push(connection);
    connection.onGone = () => {
      const at = idle.indexOf(connection);
      if (at !== -1) idle.splice(at, 1);
    };
    return await connection.get(requestOf(url, headers), signal);
  }
}

/** The request as it is sent. */
function requestOf(url: URL, headers: Record<string, string>): string {
  const lines = [`GET ${url.pathname}${url.search} HTTP/1.1`, `host: ${url.host}`];
  for (const [name, value] of Object.entries(headers)) {
    if (/[^\t\x20-\x7e]/.test(name + value)) throw new Error(`The header ${name} cannot be sent.`);
    lines.push(`${name}: ${value}`);
  }
  return `${lines.join('\r\n')}\r\n\r\n`;
}

interface Exchange {
  head: HeadReader;
  /** Of the body, once the head is known; what came of it with the head waits until it is asked for. */
  left: number;
  early: Uint8Array;
  take: TakeBytes | null;
  isLast: boolean;
  signal: AbortSignal;
  /** The head, or null for one that is not understood. */
  answered: PromiseWithResolversOf<RawReply | null>;
  ended: PromiseWithResolversOf<void>;
}

/** One connection: one exchange at a time. */
class Connection {
  onIdle: () => void = () => undefined;
  onGone: () => void = () => undefined;
  private readonly socket: Socket;
  private exchange: Exchange | null = null;
  private readonly abort = (): void => {
    this.fail(this.exchange?.signal.reason as Error);
  };

  constructor(url: URL, room: Uint8Array) {
    this.socket = connect(url, {
      buffer: () => (this.exchange?.take ? room : room.subarray(0, headRoomBytes)),
      callback: (count, bytes) => this.arrive(bytes.subarray(0, count)),
    });
    this.socket.on('error', (error) => {
      this.fail(error);
    });
    this.socket.on('close', () => {
      this.fail(new PassingFault('the connection was closed'));
    });
    this.socket.on('timeout', () => {
      this.fail(new PassingFault('the connection was idle'));
    });
  }

  get(request: string, signal: AbortSignal): Promise<RawReply | null> {
    const exchange: Exchange = {
      head: new HeadReader(),
      left: 0,
      early: new Uint8Array(0),
      take: null,
      isLast: false,
      signal,
      answered: withResolvers(),
      ended: withResolvers(),
    };
    // Told to whoever reads the body, if anybody does.
    exchange.ended.promise.catch(() => undefined);
    this.exchange = exchange;
    signal.addEventListener('abort', this.abort, { once: true });
    this.socket.ref();
    this.socket.setTimeout(0);
    this.socket.write(request);
    return exchange.answered.promise;
  }

  /** Takes what came; false to have nothing more for now. */
  private arrive(bytes: Uint8Array): boolean {
    const { exchange } = this;
    try {
      if (exchange === null) throw new PassingFault('the server sends what was not asked for');
      if (exchange.take !== null) {
        this.pass(exchange, exchange.take, bytes);
        return true;
      }
      const found = exchange.head.add(bytes);
      if (found === 'incomplete') return true;
      if (found === 'unknown') this.leave(exchange);
      else this.begin(exchange, found);
    } catch (error) {
      this.fail(error as Error);
    }
    return false;
  }

  /** The head is known: the body waits until it is asked for. */
  private begin(exchange: Exchange, { status, headers, bodyBytes, isLast, rest }: ReplyHead): void {
    exchange.left = bodyBytes;
    exchange.isLast = isLast;
    exchange.early = rest;
    exchange.answered.resolve({
      status,
      headers,
      read: async (take) => {
        await this.read(exchange, take);
      },
      dump: async () => {
        if (exchange.left > mostDumped) this.fail(new PassingFault('the rest was not wanted'));
        else await this.read(exchange, () => undefined);
      },
    });
  }

  private async read(exchange: Exchange, take: TakeBytes): Promise<void> {
    if (this.exchange === exchange) {
      exchange.take = take;
      try {
        this.pass(exchange, take, exchange.early);
        if (this.exchange === exchange) this.socket.resume();
      } catch (error) {
        this.fail(error as Error);
      }
    }
    await exchange.ended.promise;
  }

  private pass(exchange: Exchange, take: TakeBytes, bytes: Uint8Array): void {
    const own = bytes.subarray(0, exchange.left);
    exchange.left -= own.length;
    if (own.length > 0) take(own);
    if (exchange.left > 0) return;
    this.settle(exchange);
    exchange.ended.resolve();
    // What comes behind a body belongs to nothing that was asked for.
    if (exchange.isLast || own.length < bytes.length) {
      this.socket.destroy();
      return;
    }
    this.socket.unref();
    this.socket.setTimeout(idleMs);
    this.socket.resume();
    this.onIdle();
  }

  /** Leaves a reply to a client that understands it. */
  private leave(exchange: Exchange): void {
    this.settle(exchange);
    this.socket.destroy();
    exchange.answered.resolve(null);
  }

  private fail(error: Error): void {
    const { exchange } = this;
    if (exchange !== null) this.settle(exchange);
    this.onGone();
    this.socket.destroy();
    exchange?.answered.reject(error);
    exchange?.ended.reject(error);
  }

  private settle(exchange: Exchange): void {
    exchange.signal.removeEventListener('abort', this.abort);
    this.exchange = null;
  }
}

/** A connection that reads as it is told; a server behind TLS must show that it is who it is called. */
function connect(url: URL, onread: NonNullable<TcpNetConnectOpts['onread']>): Socket {
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const isSecure = url.protocol === 'https:';
  const port = url.port === '' ? (isSecure ? 443 : 80) : Number(url.port);
  const options = { host, port, onread, noDelay: true };
  if (!isSecure) return connectPlain(options);
  const secure: ConnectionOptions = { ...options, ALPNProtocols: ['http/1.1'] };
  return connectTls(isIP(host) === 0 ? { ...secure, servername: host } : secure);
}

interface PromiseWithResolversOf<Value> {
  promise: Promise<Value>;
  resolve: (value: Value) => void;
  reject: (error: Error) => void;
}

function withResolvers<Value>(): PromiseWithResolversOf<Value> {
  let resolve: (value: Value) => void = () => undefined;
  let reject: (error: Error) => void = () => undefined;
  const promise = new Promise<Value>((onValue, onError) => {
    resolve = onValue;
    reject = onError;
  });
  return { promise, resolve, reject };
}
