// Entry of the header view's page: asks the host for the header, draws it, and keeps what is unfolded over reloads.
import './header.css';
import type {
  HeaderDocument,
  HeaderEvents,
  HeaderMethods,
} from '../../src/shared/protocol/headerProtocol.ts';
import { Endpoint, type None } from '../../src/shared/protocol/rpc.ts';
import { hostChannel } from '../hostChannel.ts';
import { element } from './element.ts';
import { drawProblems, drawSummary } from './summary.ts';
import { TensorTable } from './tensorTable.ts';
import { buildTree, matchingRows, visibleRows, type TreeNode } from './tensorTree.ts';

interface ViewState {
  expanded: string[];
  filter: string;
}

const vscode = acquireVsCodeApi<ViewState>();
const endpoint = new Endpoint<HeaderMethods, None, None, HeaderEvents>(hostChannel(vscode));

const saved = vscode.getState();
const expanded = new Set(saved?.expanded ?? []);
const root = document.querySelector('#app') ?? document.body;
const filter = element('input', {
  type: 'search',
  class: 'filter',
  placeholder: 'Filter tensors',
  'aria-label': 'Filter tensors',
});
filter.value = saved?.filter ?? '';

function draw({ listing, problem }: HeaderDocument): void {
  if (listing === null) {
    root.replaceChildren(drawProblems([problem]));
    return;
  }
  const tree = buildTree(listing.tensors);
  if (saved === undefined && expanded.size === 0) unfoldTop(tree);
  const table = new TensorTable({
    onToggle: (name) => {
      if (!expanded.delete(name)) expanded.add(name);
      refresh();
    },
    onCopy: (text) => void endpoint.request('copy', { text }),
  });
  const refresh = (): void => {
    const rows =
      filter.value.trim() === '' ? visibleRows(tree, expanded) : matchingRows(listing.tensors, filter.value);
    table.show(rows, expanded);
    vscode.setState({ expanded: [...expanded], filter: filter.value });
  };
  filter.oninput = refresh;
  const summary = drawSummary(listing, () => void endpoint.request('compareWith', {}));
  root.replaceChildren(summary, filter, table.root);
  refresh();
}

/** Unfolds from the top while that stays within a screenful. */
function unfoldTop(tree: readonly TreeNode[]): void {
  let level = tree;
  let shown = tree.length;
  while (level.length > 0) {
    const groups = level.filter(({ children }) => children.length > 0);
    const next = groups.flatMap(({ children }) => children);
    shown += next.length;
    if (shown > 40) return;
    for (const { name } of groups) expanded.add(name);
    level = next;
  }
}

endpoint.on('document', draw);
void endpoint.request('ready', {}).then(draw);
