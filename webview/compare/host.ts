// What the page of checkpoints side by side asks of the extension host, and what it hears from it.
import type {
  SideBySideAction,
  SideBySideEvents,
  SideBySideMethods,
} from '../../src/shared/protocol/sideBySideProtocol.ts';
import type { Bridge } from '../host/bridge.ts';
import type { TakingAway } from '../parts/page/section.ts';
import type { Action } from './state.ts';

type CompareBridge = Bridge<SideBySideMethods, SideBySideEvents>;

export interface CompareHost extends TakingAway {
  act(action: SideBySideAction): void;
  openPair(run: number): void;
}

export function compareHost(bridge: CompareBridge): CompareHost {
  return {
    act(action) {
      void bridge.tell('act', { action });
    },
    openPair(run) {
      void bridge.tell('openPair', { run });
    },
    copy: (text) => bridge.tell('copy', { text }),
    // It has no pictures.
    savePng: () => Promise.resolve(null),
  };
}

/** Starts to listen and asks for the document. */
export function listen(bridge: CompareBridge, dispatch: (action: Action) => void): void {
  bridge.on('document', (document) => {
    dispatch({ kind: 'document', document });
  });
  void bridge.ask('ready', {}).then((document) => {
    if (document !== null) dispatch({ kind: 'document', document });
  });
}
