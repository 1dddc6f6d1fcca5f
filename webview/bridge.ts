// The panel's only line to the extension host, and the sole caller of acquireVsCodeApi. Requests that fail become a
// notice in the panel; nothing is thrown at the page.
import { asProblem } from '../src/shared/errors.ts';
import type { TensorCurves } from '../src/shared/protocol/panelReport.ts';
import type { HostMethods, PanelAction, PanelEvents } from '../src/shared/protocol/panelProtocol.ts';
import { Endpoint, type None } from '../src/shared/protocol/rpc.ts';
import type { SourceLocation } from '../src/shared/report/training.ts';
import { answered, hostChannel } from './hostChannel.ts';
import { restoreView } from './state/restore.ts';
import type { View } from './state/state.ts';
import type { Dispatch } from './state/store.ts';

export interface Host {
  act(action: PanelAction): void;
  reveal(location: SourceLocation): void;
  /** Resolves to null when the host has no such tensor, or did not answer. */
  curves(name: string): Promise<TensorCurves | null>;
  /** Resolves to whether the text reached the clipboard. */
  copy(text: string): Promise<boolean>;
  /** Resolves to the file's path, or null when there is none. */
  savePng(name: string, base64: string): Promise<string | null>;
}

interface Bridge {
  host: Host;
  keptView(): View;
  keepView(view: View): void;
  /** Starts to listen and asks for the document. */
  start(dispatch: Dispatch): void;
}

export function openBridge(): Bridge {
  const api = acquireVsCodeApi();
  const endpoint = new Endpoint<HostMethods, None, None, PanelEvents>(hostChannel(api));
  let dispatch: Dispatch = () => undefined;
  const failed = (error: unknown): null => {
    dispatch({ kind: 'notice', notice: asProblem(error).message });
    return null;
  };
  return {
    host: {
      act(action) {
        void endpoint.request('act', { action }).catch(failed);
      },
      reveal(location) {
        void endpoint.request('reveal', { location }).catch(failed);
      },
      curves: (name) => endpoint.request('curves', { name }).catch(failed),
      copy: (text) => answered(endpoint.request('copy', { text }), failed),
      savePng: (name, base64) =>
        endpoint.request('savePng', { name, base64 }).then(({ path }) => path, failed),
    },
    keptView: () => restoreView(api.getState()),
    keepView(view) {
      api.setState(view);
    },
    start(to) {
      dispatch = to;
      endpoint.on('document', (document) => {
        dispatch({ kind: 'document', document });
      });
      endpoint.on('run', (run) => {
        dispatch({ kind: 'run', run });
      });
      endpoint.on('events', (events) => {
        dispatch({ kind: 'events', events });
      });
      endpoint
        .request('ready', {})
        .then((document) => {
          dispatch({ kind: 'document', document });
        })
        .catch(failed);
    },
  };
}
