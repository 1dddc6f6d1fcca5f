// The way between a page and the extension host, the same for every page.
import type { Channel } from '../src/shared/protocol/rpc.ts';

/** Messages over the editor's API, as `acquireVsCodeApi` gives it once to a page. */
export function hostChannel(api: { postMessage(message: unknown): void }): Channel {
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

/** Whether a request was answered; `failed` hears why one was not. */
export function answered(request: Promise<unknown>, failed: (error: unknown) => unknown): Promise<boolean> {
  return request.then(
    () => true,
    (error: unknown) => {
      failed(error);
      return false;
    },
  );
}
