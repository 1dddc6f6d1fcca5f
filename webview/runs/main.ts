// Entry of the page that shows several runs, or one over time: puts the sections together, and keeps what the user chose
// together with what was compared.
import type { RunsEvents, RunsMethods } from '../../src/shared/protocol/runsProtocol.ts';
import { openBridge } from '../host/bridge.ts';
import { element } from '../parts/dom/dom.ts';
import { openPage } from '../parts/page/page.ts';
import { createConsensus } from './consensusView.ts';
import { createDirection } from './directionView.ts';
import { createOverlapHeat } from './heatView.ts';
import { listen, runsHost, type RunsHost } from './host.ts';
import { createMasthead } from './masthead.ts';
import { createMatrix } from './matrixView.ts';
import type { RunsSection, RunsTools } from './section.ts';
import { reduce, restoreView, type Action, type RunsState } from './state.ts';
import { createOverlapTable } from './tableView.ts';
import { createTrajectories } from './trajectoryView.ts';
import './runs.css';

const bridge = openBridge<RunsMethods, RunsEvents>((message) => {
  page.dispatch({ kind: 'notice', notice: message });
});
const page = openPage<RunsState, Action, RunsHost>({
  initial: { document: null, following: null, notice: null, view: restoreView(bridge.kept()) },
  reduce,
  host: runsHost(bridge),
  build,
  render({ document, view }) {
    // Only with a document: before, nothing is known of what was compared, and what is kept must not be lost.
    if (document !== null) bridge.keep({ choice: document.choice, view });
  },
});
listen(bridge, page.dispatch);

function build(tools: RunsTools): { sections: RunsSection[]; content: HTMLElement[] } {
  const masthead = createMasthead(tools);
  const parts = [
    createMatrix(tools),
    createDirection(tools),
    createOverlapHeat(tools),
    createConsensus(tools),
    createOverlapTable(tools),
    createTrajectories(tools),
  ];
  return {
    sections: [masthead, ...parts],
    content: [masthead.root, element('main', { class: 'runs-main' }, ...parts.map(({ root }) => root))],
  };
}
