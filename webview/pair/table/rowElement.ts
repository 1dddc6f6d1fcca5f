// One row of the table as elements, updated in place: only cells whose text differs are written.
import { formatWhole } from '../../../src/shared/text/format.ts';
import { gateNames } from '../../../src/shared/options/options.ts';
import type { TensorVerdict } from '../../../src/shared/protocol/panelReport.ts';
import type { Row } from './rows.ts';
import { element, replaceChildren, setAttributes, setText, show } from '../../parts/dom/dom.ts';
import { icon, standingIcon } from '../../parts/dom/icons.ts';
import type { RowElement } from '../../parts/table/rowPool.ts';
import { tip } from '../../parts/dom/tooltip.ts';
import { exactLine } from '../metrics/exactLine.ts';
import type { SortColumn } from '../state/state.ts';
import { besideLines, measuredName } from '../metrics/beside.ts';
import { metricNamed } from '../metrics/catalog.ts';
import {
  beyondOf,
  columns,
  errorOf,
  expectedOf,
  nameOf,
  numberOf,
  numberText,
  shortBelowResolution,
  type Column,
} from './columns.ts';

export function createRow(isSelected: (row: Row) => boolean): RowElement<Row> {
  let shown: Row | null = null;
  const name = nameParts(() => shown);
  const cells = columns.map((column, index) =>
    column.kind === 'name' ? name.cell : valueCell(column, index, () => shown),
  );
  const root = element('div', { role: 'row', class: 'row' }, ...cells);
  return {
    root,
    update(row, index) {
      setAttributes(root, {
        'aria-rowindex': index + 2,
        'aria-level': row.level,
        'aria-setsize': row.siblings,
        'aria-posinset': row.position,
        'aria-expanded': row.kind === 'layer' ? String(row.open) : null,
        'aria-selected': String(isSelected(row)),
      });
      const same = shown !== null && sameContent(shown, row);
      shown = row;
      if (same) return;
      root.className = `row ${row.kind} level-${row.level}`;
      setText(name.text, nameOf(row));
      setText(name.note, noteOf(row));
      show(name.mark, row.broken.length > 0);
      columns.forEach((column, at) => {
        const cell = cells[at];
        if (cell !== undefined) writeCell(cell, column, row);
      });
    },
  };
}

/** What a row shows now; null before the first. */
type Shown = () => Row | null;

function nameParts(shown: Shown): Record<'cell' | 'text' | 'note' | 'mark', HTMLElement> {
  const text = element('bdi', { dir: 'ltr' });
  const note = element('span', { class: 'name-note' });
  const mark = element(
    'span',
    { class: 'limit-mark', hidden: true },
    icon('broken', 'standing'),
    element('span', { class: 'hidden-text' }, 'breaks a limit: '),
  );
  const chevron = element('span', { class: 'chevron', 'aria-hidden': 'true' }, icon('chevron'));
  const cell = element(
    'span',
    { role: 'rowheader', class: 'cell name' },
    chevron,
    mark,
    element('span', { class: 'name-text' }, text),
    note,
  );
  tip(cell, () => linesOf(shown, nameLines));
  return { cell, text, note, mark };
}

function valueCell({ kind, priority, id, label }: Column, index: number, shown: Shown): HTMLElement {
  const made = element('span', {
    role: 'gridcell',
    class: `cell ${kind} p${priority}`,
    'aria-colindex': index + 1,
  });
  const gate = gateNames.find((each) => each === id);
  tip(made, () =>
    linesOf(shown, (row) =>
      gate === undefined ? numberLines(row, id, label) : verdictLines(verdictOf(row, gate)),
    ),
  );
  return made;
}

function linesOf(shown: Shown, lines: (row: Row) => string[]): string[] {
  const row = shown();
  return row === null ? [] : lines(row);
}

function writeCell(cell: HTMLElement, { id, kind }: Column, row: Row): void {
  if (kind === 'number') {
    const text = numberText(row, id);
    setText(cell, text);
    cell.classList.toggle('unresolved', text === shortBelowResolution);
    cell.classList.toggle('as-random', beyondOf(row, id)?.word === 'as random');
  } else if (id === 'anchor' || id === 'geometry' || id === 'precision')
    writeVerdict(cell, verdictOf(row, id), waitingWord(row, id));
}

function sameContent(one: Row, other: Row): boolean {
  if (one.broken !== other.broken) return false;
  if (one.kind === 'layer' && other.kind === 'layer')
    return one.layer === other.layer && one.shown === other.shown;
  return (
    one.kind === 'tensor' &&
    other.kind === 'tensor' &&
    one.tensor === other.tensor &&
    one.level === other.level
  );
}

/** How many of a layer's tensors the filter lets through. */
function noteOf(row: Row): string {
  return row.kind === 'tensor' || row.shown === row.layer.tensors
    ? ''
    : `${row.shown} of ${row.layer.tensors}`;
}

function nameLines(row: Row): string[] {
  if (row.kind === 'layer')
    return [row.layer.label, `${formatWhole(row.layer.tensors)} tensors`, ...row.broken];
  const { name, tunedName, shape, dtypes, problem } = row.tensor;
  return [
    name,
    ...(tunedName === null ? [] : [`In the tuned checkpoint: ${tunedName}`]),
    `${shape.length === 0 ? 'scalar' : shape.join(' × ')} · ${dtypes[0]} → ${dtypes[1]}`,
    ...(problem === null ? [] : [problem.message]),
    ...row.broken,
  ];
}

function numberLines(row: Row, id: SortColumn, label: string): string[] {
  const metric = metricNamed(id);
  const format = (value: number | null): string => metric?.format(value) ?? String(value);
  const lines = [metric?.label ?? label, exactLine(numberOf(row, id), errorOf(row, id))];
  const measured = metricNamed(measuredName(id));
  if (measured === null || measured === metric)
    return [...lines, ...besideLines(expectedOf(row, id), beyondOf(row, id), format)];
  // A multiple is told by the two numbers behind it.
  const own = measured.format(numberOf(row, measured.id));
  const beside = besideLines(expectedOf(row, measured.id), beyondOf(row, id), measured.format);
  return [...lines, `Measured: ${own}.`, ...beside];
}

function verdictOf(row: Row, gate: (typeof gateNames)[number]): TensorVerdict {
  return (row.kind === 'layer' ? row.layer : row.tensor).verdicts[gate];
}

function verdictLines({ standing, verdict, rule }: TensorVerdict): string[] {
  return [standing === 'unknown' ? 'not measured' : verdict, rule];
}

function writeVerdict(cell: HTMLElement, { standing, verdict }: TensorVerdict, missing: string): void {
  const word = standing === 'unknown' ? missing : verdict;
  if (cell.dataset['word'] === word) return;
  cell.dataset['word'] = word;
  const mark =
    standing === 'unknown'
      ? missing === refused
        ? icon('warning', 'warning')
        : null
      : standingIcon(standing);
  replaceChildren(cell, mark, element('span', { class: standing === 'unknown' ? 'dim' : '' }, word));
}

const refused = 'unreadable';

/** What stands in a verdict's place while there is none. */
function waitingWord(row: Row, gate: (typeof gateNames)[number]): string {
  if (row.kind === 'layer') return '–';
  const { status } = row.tensor;
  if (status === 'unreadable') return refused;
  return status === 'pending' || (status === 'streamed' && gate === 'geometry') ? 'waiting' : '–';
}
