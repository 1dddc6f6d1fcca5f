// What every part of a page is: an element, and a function that brings it up to date with the state.
import type { Theme } from '../theme/theme.ts';

export interface SectionOf<State> {
  root: HTMLElement;
  /** `previous` is what was drawn last, null at first: parts compare by identity and skip what did not change. */
  update(state: State, previous: State | null): void;
  /** Draws again what was painted by script. */
  themeChanged?(): void;
}

/** What a page's host does for a picture or a table that someone takes away. */
export interface TakingAway {
  /** Resolves to whether the text reached the clipboard. */
  copy(text: string): Promise<boolean>;
  /** Resolves to the file's path, or null when there is none. */
  savePng(name: string, base64: string): Promise<string | null>;
}

export interface ToolsOf<Action, Host extends TakingAway = TakingAway> {
  dispatch: (action: Action) => void;
  host: Host;
  theme: () => Theme;
  /** Says something to screen readers and shows it briefly. */
  announce: (text: string) => void;
}

/** What a part needs that is no page's own. */
export type PartTools = Omit<ToolsOf<never>, 'dispatch'>;

/** Puts text on the clipboard, and says so once it is there. */
export async function copyText({ host, announce }: PartTools, text: string, said: string): Promise<void> {
  if (await host.copy(text)) announce(said);
}
