// What is tried again, and for how long: faults of the connection, and servers that ask to wait.
import { ThreeGateError } from '../../shared/errors.ts';
import { shown, StalledError, type Limits } from './transport.ts';

/** Why an attempt failed that another may not. */
export class PassingFault extends Error {
  constructor(
    message: string,
    /** As the server asked; null where it did not. */
    readonly waitMs: number | null = null,
  ) {
    super(message);
  }
}

/** Counts the attempts in a row that brought nothing, and waits between them. */
export class Patience {
  private idle = 0;

  /** @param giveUp the error of the last attempt, from what went wrong with it */
  constructor(
    private readonly limits: Limits,
    private readonly signal: AbortSignal,
    private readonly giveUp: (why: string) => ThreeGateError,
  ) {}

  /** The result of the first attempt that gives one, each from its beginning; rejects with what no attempt will change. */
  async until<Result>(attempt: () => Promise<Result>): Promise<Result> {
    for (;;) {
      try {
        return await attempt();
      } catch (error) {
        await this.after(error, false);
      }
    }
  }

  /** Returns when the next attempt is due; throws what no attempt will change. */
  async after(error: unknown, progressed: boolean): Promise<void> {
    if (this.signal.aborted) throw error;
    const { message, waitMs } = passing(error);
    this.idle = progressed ? 1 : this.idle + 1;
    const { attempts, pauseMs, longestWaitMs } = this.limits;
    if (this.idle >= attempts) throw this.giveUp(`${message}, ${attempts} times in a row`);
    if (waitMs !== null && waitMs > longestWaitMs) {
      throw this.giveUp(`${message} and asks to wait for ${Math.round(waitMs / 1000)} s`);
    }
    await pause(waitMs ?? Math.min(pauseMs * 2 ** (this.idle - 1), longestWaitMs), this.signal);
  }
}

/** Throws a PassingFault for a status that may be another one the next time. */
export function requireReady({ status, headers }: { status: number; headers: Headers }): void {
  if (status !== 408 && status !== 429 && status < 500) return;
  throw new PassingFault(`the server answered ${status}`, retryAfter(headers));
}

/** Milliseconds that a server asks to wait; null where it does not say. */
function retryAfter(headers: Headers): number | null {
  const text = headers.get('retry-after');
  if (text === null) return null;
  const seconds = Number(text);
  const ms = Number.isFinite(seconds) ? 1000 * seconds : Date.parse(text) - Date.now();
  return Number.isNaN(ms) ? null : Math.max(0, ms);
}

/** A fault of the connection; anything that was judged already is thrown on. */
function passing(error: unknown): PassingFault {
  if (error instanceof PassingFault) return error;
  if (error instanceof ThreeGateError) throw error;
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  if (cause instanceof StalledError) return new PassingFault(cause.message);
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  return new PassingFault(code === '' ? 'the connection failed' : `the connection failed (${shown(code)})`);
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (ms === 0) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop);
      resolve();
    }, ms);
    signal.addEventListener('abort', stop, { once: true });
  });
}
