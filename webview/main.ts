// Entry of the panel's page: puts the sections together, feeds them one state per frame, keeps what the user chose.
import type { PanelTensor } from '../src/shared/protocol/panelReport.ts';
import { openBridge } from './bridge.ts';
import { createConfigPane } from './config/configPane.ts';
import { createDetail } from './detail/detailView.ts';
import { createGateCards } from './gates/gateCards.ts';
import { createPublished } from './gates/publishedView.ts';
import { createHeader } from './header/header.ts';
import { createStatus } from './header/status.ts';
import { createHeatmap } from './heatmap/heatmapView.ts';
import { wantedCurves } from './state/curves.ts';
import { initialState, type PanelState } from './state/state.ts';
import { createStore } from './state/store.ts';
import { createTable } from './table/tableView.ts';
import { registerToolkit } from './toolkit.ts';
import { createAnnouncer } from './view/announcer.ts';
import { element } from './view/dom.ts';
import type { Section, Tools } from './view/section.ts';
import { onThemeChange, readTheme } from './view/theme.ts';
import { installTooltip } from './view/tooltip.ts';
import './style/panel.css';

registerToolkit();

const app = document.getElementById('app') ?? document.body.appendChild(element('div', { id: 'app' }));
const bridge = openBridge();
const announcer = createAnnouncer();
let theme = readTheme();
let sections: Section[] = [];
let asked: PanelTensor | null = null;

const store = createStore(
  initialState(bridge.keptView()),
  (state, previous) => {
    for (const section of sections) section.update(state, previous);
    app.toggleAttribute('data-report', hasReport(state));
    if (previous !== null && state.view !== previous.view) bridge.keepView(state.view);
    restorePageScroll(state, previous);
    askForCurves(state);
  },
  (draw) => {
    requestAnimationFrame(draw);
  },
);

const tools: Tools = {
  dispatch: store.dispatch,
  host: bridge.host,
  theme: () => theme,
  announce: announcer.announce,
};

const header = createHeader(tools);
const status = createStatus(tools);
const gates = createGateCards();
const published = createPublished();
const heatmap = createHeatmap(tools);
const table = createTable(tools);
const detail = createDetail(tools);
const config = createConfigPane(tools);
sections = [header, status, gates, published, heatmap, table, detail, config];

app.append(
  header.root,
  status.root,
  element('main', { class: 'main' }, gates.root, published.root, heatmap.root, table.root),
  config.root,
  detail.root,
  announcer.root,
  installTooltip(app),
);
store.flush();

onThemeChange(() => {
  theme = readTheme();
  for (const section of sections) section.themeChanged?.();
});
window.addEventListener(
  'scroll',
  () => {
    store.dispatch({ kind: 'scroll', page: window.scrollY });
  },
  { passive: true },
);
bridge.start(store.dispatch);

/** Each measurement of a tensor is asked for once: an answer that failed is not asked for again. */
function askForCurves(state: PanelState): void {
  const wanted = wantedCurves(state);
  if (wanted === null || wanted === asked) return;
  asked = wanted;
  void bridge.host.curves(wanted.name).then((value) => {
    store.dispatch({ kind: 'curves', of: wanted, value });
  });
}

/** Once, when the first report stands: before, the page is not long enough to scroll. */
function restorePageScroll(state: PanelState, previous: PanelState | null): void {
  if (hasReport(state) && (previous === null || !hasReport(previous)))
    window.scrollTo(0, state.view.pageScroll);
}

function hasReport({ document }: PanelState): boolean {
  return document !== null && document.report !== null;
}
