// One request/reply/event endpoint for both boundaries: host ↔ engine process and host ↔ panel.
// Exactly one reply per request; a throwing handler is an error reply; when the other side goes, everything
// pending rejects with the reason. Messages are plain JSON-like objects, so any channel that clones will do.
import { asProblem, problem, ThreeGateError, type Problem } from '../errors.ts';

/** A bidirectional message channel: a forked process, a webview, a pair of functions in a test. */
export interface Channel {
  post(message: unknown): void;
  /** Called once by the endpoint. */
  listen(onMessage: (message: unknown) => void): void;
}

/** Requests that one side serves: name → parameters and result. */
export type Methods<Names> = { [Name in keyof Names]: { params: unknown; result: unknown } };
/** Nothing to serve or to hear on one side. */
export type None = Record<string, never>;

type Handler = (params: unknown) => unknown;

type Message =
  | { kind: 'request'; id: number; method: string; params: unknown }
  | { kind: 'reply'; id: number; result: unknown }
  | { kind: 'failure'; id: number; problem: Problem }
  | { kind: 'event'; event: string; payload: unknown };

interface Pending {
  method: string;
  resolve: (result: unknown) => void;
  reject: (error: Error) => void;
}

function isMessage(value: unknown): value is Message {
  return typeof value === 'object' && value !== null && 'kind' in value;
}

export class Endpoint<
  Remote extends Methods<Remote>,
  RemoteEvents extends object,
  Local extends Methods<Local>,
  LocalEvents extends object,
> {
  private readonly pending = new Map<number, Pending>();
  private readonly handlers = new Map<string, Handler>();
  private readonly listeners = new Map<string, Set<(payload: unknown) => void>>();
  private nextId = 1;
  private closedBy: Problem | null = null;
  private readonly channel: Channel;

  constructor(channel: Channel) {
    this.channel = channel;
    channel.listen((message) => {
      this.receive(message);
    });
  }

  /** Serves a method. Its result, or what it throws, becomes the one reply. */
  serve<Name extends keyof Local & string>(
    method: Name,
    handler: (params: Local[Name]['params']) => Local[Name]['result'] | Promise<Local[Name]['result']>,
  ): void {
    this.handlers.set(method, handler);
  }

  /** Hears an event; returns the function that stops hearing it. */
  on<Name extends keyof LocalEvents & string>(
    event: Name,
    listener: (payload: LocalEvents[Name]) => void,
  ): () => void {
    const set = this.listeners.get(event) ?? new Set();
    this.listeners.set(event, set);
    const untyped = listener as (payload: unknown) => void;
    set.add(untyped);
    return () => set.delete(untyped);
  }

  /** Sends a request. Rejects with a ThreeGateError when the other side throws, goes away or does not know the method. */
  request<Name extends keyof Remote & string>(
    method: Name,
    params: Remote[Name]['params'],
  ): Promise<Remote[Name]['result']> {
    if (this.closedBy !== null) return Promise.reject(ThreeGateError.from(this.closedBy));
    const id = this.nextId++;
    return new Promise((resolve, reject) => {
      this.pending.set(id, { method, resolve, reject });
      try {
        this.channel.post({ kind: 'request', id, method, params } satisfies Message);
      } catch (error) {
        this.pending.delete(id);
        reject(ThreeGateError.from(asProblem(error)));
      }
    });
  }

  emit<Name extends keyof RemoteEvents & string>(event: Name, payload: RemoteEvents[Name]): void {
    if (this.closedBy === null) this.channel.post({ kind: 'event', event, payload } satisfies Message);
  }

  /** The other side is gone: everything pending rejects with this reason, and so does every later request. */
  close(reason: Problem): void {
    if (this.closedBy !== null) return;
    this.closedBy = reason;
    const waiting = [...this.pending.values()];
    this.pending.clear();
    for (const { reject } of waiting) reject(ThreeGateError.from(reason));
  }

  private receive(message: unknown): void {
    if (this.closedBy !== null || !isMessage(message)) return;
    switch (message.kind) {
      case 'request':
        void this.answer(message.id, message.method, message.params);
        return;
      case 'reply':
        this.settle(message.id, (pending) => {
          pending.resolve(message.result);
        });
        return;
      case 'failure':
        this.settle(message.id, (pending) => {
          pending.reject(ThreeGateError.from(message.problem));
        });
        return;
      case 'event':
        for (const listener of this.listeners.get(message.event) ?? []) listener(message.payload);
    }
  }

  private settle(id: number, how: (pending: Pending) => void): void {
    const pending = this.pending.get(id);
    if (pending === undefined) return;
    this.pending.delete(id);
    how(pending);
  }

  private async answer(id: number, method: string, params: unknown): Promise<void> {
    let reply: Message;
    try {
      const handler = this.handlers.get(method);
      if (handler === undefined) throw new ThreeGateError('internal', `No such method: ${method}`);
      reply = { kind: 'reply', id, result: await handler(params) };
    } catch (error) {
      reply = { kind: 'failure', id, problem: asProblem(error) };
    }
    if (this.closedBy !== null) return;
    try {
      this.channel.post(reply);
    } catch (error) {
      // A result that cannot be cloned must still be answered, or the caller hangs.
      const reason = problem(
        'internal',
        `The reply to ${method} could not be sent: ${asProblem(error).message}`,
      );
      this.channel.post({ kind: 'failure', id, problem: reason } satisfies Message);
    }
  }
}
