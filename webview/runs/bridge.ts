// This page's only line to the extension host, and its sole caller of acquireVsCodeApi. A request that fails becomes a
// notice; nothing is thrown at the page.
import { asProblem } from '../../src/shared/errors.ts';
import { Endpoint, type None } from '../../src/shared/protocol/rpc.ts';
import type {
  RunsAction,
  RunsDocument,
  RunsEvents,
  RunsMethods,
} from '../../src/shared/protocol/runsProtocol.ts';
import type { Host } from '../bridge.ts';
import { answered, hostChannel } from '../hostChannel.ts';
import type { Kept } from './state.ts';

export interface RunsHost extends Pick<Host, 'copy' | 'savePng'> {
  act(action: RunsAction): void;
}

interface RunsBridge {
  host: RunsHost;
  kept(): unknown;
  keep(kept: Kept): void;
  /** Starts to listen and asks for the document. */
  start(onDocument: (document: RunsDocument) => void, onNotice: (text: string) => void): void;
}

export function openRunsBridge(): RunsBridge {
  const api = acquireVsCodeApi();
  const endpoint = new Endpoint<RunsMethods, None, None, RunsEvents>(hostChannel(api));
  let notice: (text: string) => void = () => undefined;
  const failed = (error: unknown): null => {
    notice(asProblem(error).message);
    return null;
  };
  return {
    host: {
      act(action) {
        void endpoint.request('act', { action }).catch(failed);
      },
      copy: (text) => answered(endpoint.request('copy', { text }), failed),
      savePng: (name, base64) =>
        endpoint.request('savePng', { name, base64 }).then(({ path }) => path, failed),
    },
    kept: () => api.getState(),
    keep(kept) {
      api.setState(kept);
    },
    start(onDocument, onNotice) {
      notice = onNotice;
      endpoint.on('document', onDocument);
      endpoint.request('ready', {}).then(onDocument).catch(failed);
    },
  };
}
