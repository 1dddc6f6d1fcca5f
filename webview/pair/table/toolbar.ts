// Above the table: how it is grouped, what it is filtered by, how many rows that leaves, and copying them.
import { formatWhole } from '../../../src/shared/text/format.ts';
import { gateNames } from '../../../src/shared/options/options.ts';
import { gateTitles, standings, standingWords } from '../../parts/model/gates.ts';
import { countShown } from './rows.ts';
import { isFiltered, type StandingFilter } from '../state/state.ts';
import { button, dropdown, textField, type Choice } from '../../parts/dom/toolkit.ts';
import { element, setAttributes, setText } from '../../parts/dom/dom.ts';
import type { Section, Tools } from '../section.ts';

const choices: Choice<StandingFilter>[] = [
  { value: 'all', label: 'Any verdict' },
  ...gateNames.flatMap((gate) => [
    ...standings.map((standing): Choice<StandingFilter> => ({
      value: `${gate}:${standing}`,
      label: `${gateTitles[gate].numeral} ${standingWords[gate][standing]}`,
    })),
    { value: `${gate}:unknown` as const, label: `${gateTitles[gate].numeral} not measured` },
  ]),
  { value: 'unreadable', label: 'Could not be read' },
];

export function createToolbar({ dispatch }: Tools, copy: () => void): Section {
  const text = textField('Filter by name, layer, kind or verdict', 'Filter: layer 3 q_proj', (value) => {
    dispatch({ kind: 'filterText', text: value });
  });
  const verdict = dropdown('Filter by verdict', choices, 'all', (standing) => {
    dispatch({ kind: 'filterStanding', standing });
  });
  const count = element('span', { class: 'dim count', role: 'status' });
  const group = (grouping: 'layers' | 'tensors', label: string): HTMLButtonElement => {
    const made = element('button', { type: 'button', class: 'quiet toggle' }, label);
    made.addEventListener('click', () => {
      dispatch({ kind: 'grouping', grouping });
    });
    return made;
  };
  const byLayer = group('layers', 'Layers');
  const flat = group('tensors', 'All tensors');
  const expand = element('button', { type: 'button', class: 'quiet' }, 'Expand all');
  let allOpen = false;
  expand.addEventListener('click', () => {
    dispatch({ kind: 'toggleAll', open: !allOpen });
  });
  const root = element(
    'div',
    { class: 'section-head' },
    element('h2', { id: 'table-title' }, 'Layers and tensors'),
    element('div', { class: 'group', role: 'group', 'aria-label': 'Rows' }, byLayer, flat),
    expand,
    element('span', { class: 'grow' }),
    count,
    text.root,
    verdict.root,
    button('Copy', copy),
  );
  return {
    root,
    update({ document, view }, previous) {
      const report = document?.report ?? null;
      if (report === null) return;
      const before = previous?.document?.report ?? null;
      if (view === previous?.view && report.tensors === before?.tensors) return;
      text.set(view.filterText);
      verdict.set(view.filterStanding);
      setAttributes(byLayer, { 'aria-pressed': String(view.grouping === 'layers') });
      setAttributes(flat, { 'aria-pressed': String(view.grouping === 'tensors') });
      allOpen = isFiltered(view) ? view.collapsed.length === 0 : view.expanded.length >= report.layers.length;
      setText(expand, allOpen ? 'Collapse all' : 'Expand all');
      expand.hidden = view.grouping === 'tensors';
      const total = `${formatWhole(report.tensors.length)} tensors`;
      setText(count, isFiltered(view) ? `${formatWhole(countShown(report, view))} of ${total}` : total);
    },
  };
}
