// Work that is under way: its events while it lasts, and the result that it ends with.
import { EventEmitter, on } from 'node:events';
import type { AnalysisEvent } from '../shared/protocol/analysisEvents.ts';

/**
 * Work under way. `for await` gives its events from that moment on, and throws what the work fails with; leaving the loop
 * early leaves the work alone. An `AbortSignal` stops it.
 */
export interface Following<Result> extends AsyncIterable<AnalysisEvent> {
  /** What the work ends with. Rejects with a `ThreeGateError`, or with the reason of the signal that stopped it. */
  readonly report: Promise<Result>;
}

type Work<Result> = (onEvent: (event: AnalysisEvent) => void) => Promise<Result>;

/** Starts the work at once. */
export function following<Result>(work: Work<Result>): Following<Result> {
  const emitter = new EventEmitter();
  // Every loop is a listener.
  emitter.setMaxListeners(0);
  let isOver = false;
  const report = work((event) => emitter.emit('event', event)).finally(() => {
    isOver = true;
    emitter.emit('over');
  });
  // Whoever only follows the events is told of a failure by them.
  report.catch(() => undefined);
  return {
    report,
    async *[Symbol.asyncIterator]() {
      if (!isOver) {
        const events = on(emitter, 'event', { close: ['over'] }) as AsyncIterable<[AnalysisEvent]>;
        for await (const [event] of events) yield event;
      }
      await report;
    },
  };
}
