// What the page of several runs asks of the extension host, and what it hears from it.
import type { RunsAction, RunsEvents, RunsMethods } from '../../src/shared/protocol/runsProtocol.ts';
import type { Bridge } from '../host/bridge.ts';
import type { TakingAway } from '../parts/page/section.ts';
import type { Action } from './state.ts';

type RunsBridge = Bridge<RunsMethods, RunsEvents>;

export interface RunsHost extends TakingAway {
  act(action: RunsAction): void;
}

export function runsHost(bridge: RunsBridge): RunsHost {
  return {
    act(action) {
      void bridge.tell('act', { action });
    },
    copy: (text) => bridge.tell('copy', { text }),
    savePng: (name, base64) => bridge.ask('savePng', { name, base64 }).then((saved) => saved?.path ?? null),
  };
}

/** Starts to listen and asks for the document. */
export function listen(bridge: RunsBridge, dispatch: (action: Action) => void): void {
  bridge.on('document', (document) => {
    dispatch({ kind: 'document', document });
  });
  bridge.on('following', ({ text }) => {
    dispatch({ kind: 'following', text });
  });
  void bridge.ask('ready', {}).then((document) => {
    if (document !== null) dispatch({ kind: 'document', document });
  });
}
