// What the pair's page asks of the extension host, and what it hears from it.
import type { HostMethods, PanelAction, PanelEvents } from '../../src/shared/protocol/panelProtocol.ts';
import type { TensorCurves } from '../../src/shared/protocol/panelReport.ts';
import type { SourceLocation } from '../../src/shared/report/training.ts';
import type { Bridge } from '../host/bridge.ts';
import type { TakingAway } from '../parts/page/section.ts';
import type { Action } from './state/state.ts';

type PanelBridge = Bridge<HostMethods, PanelEvents>;

export interface Host extends TakingAway {
  act(action: PanelAction): void;
  reveal(location: SourceLocation): void;
  /** Puts a question about a part of the report into the editor's chat. */
  ask(about: string): void;
  /** Resolves to null when the host has no such tensor, or did not answer. */
  curves(name: string): Promise<TensorCurves | null>;
}

export function panelHost(bridge: PanelBridge): Host {
  return {
    act(action) {
      void bridge.tell('act', { action });
    },
    reveal(location) {
      void bridge.tell('reveal', { location });
    },
    ask(about) {
      void bridge.tell('ask', { about });
    },
    curves: (name) => bridge.ask('curves', { name }),
    copy: (text) => bridge.tell('copy', { text }),
    savePng: (name, base64) => bridge.ask('savePng', { name, base64 }).then((saved) => saved?.path ?? null),
  };
}

/** Starts to listen and asks for the document. */
export function listen(bridge: PanelBridge, dispatch: (action: Action) => void): void {
  bridge.on('document', (document) => {
    dispatch({ kind: 'document', document });
  });
  bridge.on('run', (run) => {
    dispatch({ kind: 'run', run });
  });
  bridge.on('stored', (stored) => {
    dispatch({ kind: 'stored', stored });
  });
  bridge.on('events', (events) => {
    dispatch({ kind: 'events', events });
  });
  void bridge.ask('ready', {}).then((document) => {
    if (document !== null) dispatch({ kind: 'document', document });
  });
}
