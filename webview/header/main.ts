// Entry of the page of a file's header: asks the host for it, draws it, and keeps what is unfolded over reloads.
import { unpackListing } from '../../src/shared/protocol/packedListing.ts';
import type {
  PackedDocument,
  HeaderEvents,
  HeaderMethods,
} from '../../src/shared/protocol/headerProtocol.ts';
import { openBridge } from '../host/bridge.ts';
import { element } from '../parts/dom/dom.ts';
import { appElement } from '../parts/page/page.ts';
import { createStore } from '../parts/page/store.ts';
import { initialState, keptOf, reduce, type Action, type HeaderState } from './state.ts';
import { drawFailure, drawWaiting } from './failure.ts';
import { drawProblems, drawSummary } from './summary.ts';
import { createTensorTable } from './tensorTable.ts';
import './header.css';

const bridge = openBridge<HeaderMethods, HeaderEvents>((message) => {
  store.dispatch({ kind: 'notice', notice: message });
});
const store = createStore<HeaderState, Action>({
  initial: initialState(bridge.kept()),
  reduce,
  render,
  // A keystroke in the filter is answered before the next one.
  schedule: queueMicrotask,
});
const filter = element('input', {
  type: 'search',
  class: 'filter',
  placeholder: 'Filter tensors',
  'aria-label': 'Filter tensors',
});
filter.value = store.state().filter;
filter.addEventListener('input', () => {
  store.dispatch({ kind: 'filter', text: filter.value });
});
const table = createTensorTable({
  onToggle: (name) => {
    store.dispatch({ kind: 'toggle', name });
  },
  onCopy: (text) => void bridge.tell('copy', { text }),
});

const show = (sent: PackedDocument | null): void => {
  if (sent === null) return;
  const document =
    sent.listing === null ? sent : { listing: unpackListing(sent.listing), problem: sent.problem };
  store.dispatch({ kind: 'document', document });
};
bridge.on('document', show);
const read = (): void => void bridge.ask('ready', {}).then(show);
read();

/** Forgets what failed, so that it shows that something is being read. */
function again(): void {
  store.dispatch({ kind: 'again' });
  read();
}

function setToken(): void {
  void bridge.ask('setToken', {}).then(again);
}

function render(state: HeaderState, previous: HeaderState | null): void {
  const { document, notice } = state;
  if (document === null) {
    appElement().replaceChildren(notice === null ? drawWaiting() : drawProblems([notice]));
    return;
  }
  const { listing, problem } = document;
  if (listing === null) {
    appElement().replaceChildren(drawFailure(problem, { again, setToken }));
    return;
  }
  if (document !== previous?.document) {
    const summary = drawSummary(listing, () => void bridge.tell('compareWith', {}));
    appElement().replaceChildren(summary, filter, table.root);
  }
  table.update(state, previous);
  bridge.keep(keptOf(state));
}
