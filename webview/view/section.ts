// What every part of the panel is: an element, and a function that brings it up to date with the state.
import type { Host } from '../bridge.ts';
import type { PanelState } from '../state/state.ts';
import type { Dispatch } from '../state/store.ts';
import type { Theme } from './theme.ts';

export interface Section {
  root: HTMLElement;
  /** `previous` is what was drawn last, null at first: parts compare by identity and skip what did not change. */
  update(state: PanelState, previous: PanelState | null): void;
  /** Draws again what was painted by script. */
  themeChanged?(): void;
}

export interface Tools {
  dispatch: Dispatch;
  host: Host;
  theme: () => Theme;
  /** Says something to screen readers and shows it briefly. */
  announce: (text: string) => void;
}
