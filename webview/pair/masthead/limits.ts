// What limits came to, in the masthead: broken ones as a calm list, each with measured value, limit and a way to its place in table
// and map; those that hold are folded away.
import type { PanelReport } from '../../../src/shared/protocol/panelReport.ts';
import { layerKey } from '../../../src/shared/report/layers.ts';
import type { LimitsReport } from '../../../src/shared/report/limitsReport.ts';
import { limitRows, limitsSentence, type LimitRow } from '../../../src/shared/text/limitsTables.ts';
import { element, replaceChildren, show } from '../../parts/dom/dom.ts';
import { standingIcon } from '../../parts/dom/icons.ts';
import { quietButton } from '../../parts/dom/quietButton.ts';
import type { Selection } from '../../parts/model/selection.ts';
import type { Tools } from '../section.ts';

/** Of one broken limit; its rows in the table are marked, all of them. */
const namedPlaces = 3;

interface LimitsPart {
  root: HTMLElement;
  update(report: PanelReport | null): void;
}

export function limitsPart(tools: Tools): LimitsPart {
  const root = element('section', { class: 'limits', 'aria-label': 'Limits', hidden: true });
  let shown: LimitsReport | undefined;
  return {
    root,
    update(report) {
      const limits = report?.limits;
      show(root, limits !== undefined);
      if (limits === shown) return;
      shown = limits;
      if (report === null || limits === undefined) return;
      const rows = limitRows(limits, namedPlaces);
      const listOf = (standing: LimitRow['standing']): HTMLElement[] =>
        rows.filter((row) => row.standing === standing).map((row) => rowElement(tools, report, row));
      const broken = listOf('broken');
      const holding = listOf('holds');
      replaceChildren(
        root,
        title(limits),
        broken.length === 0 ? null : element('ul', {}, ...broken),
        holding.length === 0 ? null : folded(holding),
      );
    },
  };
}

function title(limits: LimitsReport): HTMLElement {
  const words = limitsSentence(limits);
  const standing = limits.broken > 0 ? 'broken' : 'holds';
  const text = words.charAt(0).toUpperCase() + words.slice(1);
  return element('h2', { class: standing }, standingIcon(standing), element('span', {}, text));
}

function folded(rows: HTMLElement[]): HTMLElement {
  const summary = element('summary', {}, rows.length === 1 ? 'One that holds' : `${rows.length} that hold`);
  return element('details', {}, summary, element('ul', {}, ...rows));
}

function rowElement(tools: Tools, report: PanelReport, row: LimitRow): HTMLElement {
  const [limit, measured, asks, where] = row.cells;
  const selection = placeOf(report, row);
  const place =
    selection === null
      ? element('span', { class: 'dim' }, where)
      : quietButton(where, () => {
          open(tools, report, selection);
        });
  return element(
    'li',
    { class: limit === '' ? 'more' : '' },
    element('code', {}, limit),
    element('strong', {}, measured),
    element('span', { class: 'dim' }, asks === '' ? '' : `asked for ${asks}`),
    place,
  );
}

/** A tensor's row shows once its layer is open. */
function open({ dispatch }: Tools, report: PanelReport, selection: Selection): void {
  if (selection.kind === 'tensor') {
    const tensor = report.tensors.find(({ name }) => name === selection.name);
    if (tensor !== undefined) dispatch({ kind: 'toggle', layer: layerKey(tensor), open: true });
  }
  dispatch({ kind: 'select', selection });
}

/** Null for the whole model, for a count of places, and for what the report has no row of. */
function placeOf(report: PanelReport, { scope, reading }: LimitRow): Selection | null {
  if (reading === null) return null;
  const { place } = reading;
  if (scope === 'layer') {
    const layer = report.layers.find((each) => layerKey(each) === place);
    return layer === undefined ? null : { kind: 'layer', container: layer.container, layer: layer.layer };
  }
  if (scope === 'module') {
    const found = report.modules.find(({ module }) => module === place);
    return found === undefined ? null : { kind: 'module', module: found.module };
  }
  const isTensor = scope === 'tensor' && report.tensors.some(({ name }) => name === place);
  return isTensor ? { kind: 'tensor', name: place } : null;
}
