// Puts a page together: its sections in the document, one state a frame for all of them, and the theme they are drawn in.
import { createAnnouncer } from '../dom/announcer.ts';
import { element } from '../dom/dom.ts';
import { registerToolkit } from '../dom/toolkit.ts';
import { installTooltip } from '../dom/tooltip.ts';
import { onThemeChange, readTheme } from '../theme/theme.ts';
import type { SectionOf, TakingAway, ToolsOf } from './section.ts';
import { createStore, type Store, type StoreWishes } from './store.ts';

interface PageWishes<State, Action, Host extends TakingAway> extends Pick<
  StoreWishes<State, Action>,
  'initial' | 'reduce' | 'render'
> {
  host: Host;
  /** `update` is called in the order of `sections`; `content` is what stands in the page. */
  build: (tools: ToolsOf<Action, Host>) => { sections: SectionOf<State>[]; content: HTMLElement[] };
}

/** The element that the host's page gives to its script. */
export function appElement(): HTMLElement {
  return document.getElementById('app') ?? document.body.appendChild(element('div', { id: 'app' }));
}

/** Draws the first state before it returns. `render` is called after the sections were updated. */
export function openPage<State, Action, Host extends TakingAway>(
  wishes: PageWishes<State, Action, Host>,
): Store<State, Action> {
  const { host, initial, reduce } = wishes;
  registerToolkit();
  const app = appElement();
  const announcer = createAnnouncer();
  let theme = readTheme();
  let sections: SectionOf<State>[] = [];
  const store = createStore<State, Action>({
    initial,
    reduce,
    render: (state, previous) => {
      for (const section of sections) section.update(state, previous);
      wishes.render(state, previous);
    },
    schedule: (draw) => {
      requestAnimationFrame(draw);
    },
  });
  const built = wishes.build({
    dispatch: store.dispatch,
    host,
    theme: () => theme,
    announce: announcer.announce,
  });
  ({ sections } = built);
  app.append(...built.content, announcer.root, installTooltip(app));
  store.flush();
  onThemeChange(() => {
    theme = readTheme();
    for (const section of sections) section.themeChanged?.();
  });
  return store;
}
