// A page's only line to the extension host, and the sole caller of acquireVsCodeApi. A request that fails is told to the
// page as one sentence; nothing is thrown at it.
import { asProblem } from '../../src/shared/errors.ts';
import { Endpoint, type Channel, type Methods, type None } from '../../src/shared/protocol/rpc.ts';

type Name<Remote> = keyof Remote & string;

export interface Bridge<Remote extends Methods<Remote>, Events extends object> {
  /** Resolves to null when the host did not answer. */
  ask<Method extends Name<Remote>>(
    method: Method,
    params: Remote[Method]['params'],
  ): Promise<Remote[Method]['result'] | null>;
  /** Resolves to whether the host answered. */
  tell<Method extends Name<Remote>>(method: Method, params: Remote[Method]['params']): Promise<boolean>;
  on<Event extends Name<Events>>(event: Event, listener: (payload: Events[Event]) => void): void;
  /** What the editor kept of this page over tab switches and reloads, whatever version wrote it. */
  kept(): unknown;
  keep(state: object): void;
}

/** Once a page: the editor gives its API a single time. */
export function openBridge<Remote extends Methods<Remote>, Events extends object>(
  onFailure: (message: string) => void,
): Bridge<Remote, Events> {
  const api = acquireVsCodeApi();
  const endpoint = new Endpoint<Remote, None, None, Events>(channelOver(api));
  const failed = (error: unknown): void => {
    onFailure(asProblem(error).message);
  };
  return {
    ask: (method, params) =>
      endpoint.request(method, params).catch((error: unknown) => {
        failed(error);
        return null;
      }),
    tell: (method, params) =>
      endpoint.request(method, params).then(
        () => true,
        (error: unknown) => {
          failed(error);
          return false;
        },
      ),
    on(event, listener) {
      endpoint.on(event, listener);
    },
    kept: () => api.getState(),
    keep(state) {
      api.setState(state);
    },
  };
}

function channelOver(api: { postMessage(message: unknown): void }): Channel {
  return {
    post: (message) => {
      api.postMessage(message);
    },
    listen: (onMessage) => {
      window.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
        onMessage(data);
      });
    },
  };
}
