// Entry of the pair's page: puts the sections together, asks for the curves that are looked at, keeps what the user chose.
import type { HostMethods, PanelEvents } from '../../src/shared/protocol/panelProtocol.ts';
import type { PanelTensor } from '../../src/shared/protocol/panelReport.ts';
import { openBridge } from '../host/bridge.ts';
import { element } from '../parts/dom/dom.ts';
import { appElement, openPage } from '../parts/page/page.ts';
import { createConfigPane } from './config/configPane.ts';
import { createDetail } from './detail/detailView.ts';
import { createGateCards } from './gates/gateCards.ts';
import { createPublished } from './gates/publishedView.ts';
import { createHeatmap } from './heatmap/heatmapView.ts';
import { listen, panelHost, type Host } from './host.ts';
import { createMasthead } from './masthead/masthead.ts';
import { createStatus } from './masthead/status.ts';
import type { Section, Tools } from './section.ts';
import { wantedCurves } from './state/curves.ts';
import { reduce } from './state/reduce.ts';
import { restoreView } from './state/restore.ts';
import { initialState, type Action, type PanelState } from './state/state.ts';
import { createTable } from './table/tableView.ts';
import './style/pair.css';

const bridge = openBridge<HostMethods, PanelEvents>((message) => {
  page.dispatch({ kind: 'notice', notice: message });
});
const host = panelHost(bridge);
let asked: PanelTensor | null = null;

const page = openPage<PanelState, Action, Host>({
  initial: initialState(restoreView(bridge.kept())),
  reduce,
  host,
  build,
  render(state, previous) {
    appElement().toggleAttribute('data-report', hasReport(state));
    if (previous !== null && state.view !== previous.view) bridge.keep(state.view);
    restorePageScroll(state, previous);
    askForCurves(state);
  },
});
window.addEventListener(
  'scroll',
  () => {
    page.dispatch({ kind: 'scroll', page: window.scrollY });
  },
  { passive: true },
);
listen(bridge, page.dispatch);

function build(tools: Tools): { sections: Section[]; content: HTMLElement[] } {
  const masthead = createMasthead(tools);
  const status = createStatus(tools);
  const main = [createGateCards(), createPublished(), createHeatmap(tools), createTable(tools)];
  const detail = createDetail(tools);
  const config = createConfigPane(tools);
  return {
    sections: [masthead, status, ...main, detail, config],
    content: [
      masthead.root,
      status.root,
      element('main', { class: 'main' }, ...main.map(({ root }) => root)),
      config.root,
      detail.root,
    ],
  };
}

/** Each measurement of a tensor is asked for once: an answer that failed is not asked for again. */
function askForCurves(state: PanelState): void {
  const wanted = wantedCurves(state);
  if (wanted === null || wanted === asked) return;
  asked = wanted;
  void host.curves(wanted.name).then((value) => {
    page.dispatch({ kind: 'curves', of: wanted, value });
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
