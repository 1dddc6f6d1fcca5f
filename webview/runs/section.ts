// What every part of the page of several runs is.
import type { RunsView } from './state.ts';
import type { RunsState } from './state.ts';
import type { ChartTools } from '../charts/chartCard.ts';
import type { RunsHost } from './bridge.ts';

export interface RunsSection {
  root: HTMLElement;
  /** `previous` is what was drawn last, null at first. */
  update(state: RunsState, previous: RunsState | null): void;
  /** Draws again what was painted by script. */
  themeChanged?(): void;
}

export interface RunsTools extends ChartTools {
  host: RunsHost;
  /** Changes what the user looks at. */
  look: (change: Partial<RunsView>) => void;
}
