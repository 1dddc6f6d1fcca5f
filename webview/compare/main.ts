// Entry of the page of checkpoints side by side: puts the sections together, and keeps what the user chose together with what was
// compared.
import type { SideBySideEvents, SideBySideMethods } from '../../src/shared/protocol/sideBySideProtocol.ts';
import { openBridge } from '../host/bridge.ts';
import { element } from '../parts/dom/dom.ts';
import { openPage } from '../parts/page/page.ts';
import { compareHost, listen, type CompareHost } from './host.ts';
import { createMasthead } from './masthead.ts';
import { reduce, restoreView, type Action, type CompareState } from './state.ts';
import { createCompareTable } from './tableView.ts';
import './compare.css';

const bridge = openBridge<SideBySideMethods, SideBySideEvents>((message) => {
  page.dispatch({ kind: 'notice', notice: message });
});
const page = openPage<CompareState, Action, CompareHost>({
  initial: { document: null, notice: null, view: restoreView(bridge.kept()) },
  reduce,
  host: compareHost(bridge),
  build(tools) {
    const sections = [createMasthead(tools), createCompareTable(tools)] as const;
    const [masthead, table] = sections;
    return { sections: [...sections], content: [masthead.root, element('main', {}, table.root)] };
  },
  render({ document, view }) {
    // Only with a document: before, nothing is known of what was compared, and what is kept must not be lost.
    if (document !== null) bridge.keep({ choice: document.choice, view });
  },
});
listen(bridge, page.dispatch);
