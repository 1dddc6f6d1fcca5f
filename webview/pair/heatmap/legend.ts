// What the map's colours mean, and what each cell says in words.
import { formatWhole } from '../../../src/shared/text/format.ts';
import { belowResolution } from '../../../src/shared/report/resolution.ts';
import { gateNames } from '../../../src/shared/options/options.ts';
import { standings, standingWords } from '../../parts/model/gates.ts';
import { beyondGlyphs, measuredName } from '../metrics/beside.ts';
import { metricNamed } from '../metrics/catalog.ts';
import type { MetricDefinition } from '../metrics/metric.ts';
import { element } from '../../parts/dom/dom.ts';
import { badge } from '../../parts/dom/icons.ts';
import { rampKey } from '../../parts/heatmap/rampKey.ts';
import type { Theme } from '../../parts/theme/theme.ts';
import type { HeatCell } from './cells.ts';
import type { HeatMap } from './model.ts';

/** Legends with the same key look the same. */
export function legendKeyOf({ metric, definition, scale, beyond, cells }: HeatMap): string {
  const states = [...statesOf(cells)].sort();
  const ends =
    scale === null ? [] : [definition?.format(scale.min), definition?.format(scale.max), scale.kind];
  return JSON.stringify([metric, ends, beyond, states]);
}

export function legend(map: HeatMap, theme: Theme): HTMLElement[] {
  const made: HTMLElement[] = [];
  const { definition, scale } = map;
  if (definition !== null && scale !== null) {
    const paint = scale.around === undefined ? theme.ramp : theme.diverging;
    made.push(
      element('span', { class: 'number' }, `${map.beyond.below ? '≤ ' : ''}${definition.format(scale.min)}`),
      rampKey(paint),
      element('span', { class: 'number' }, `${map.beyond.above ? '≥ ' : ''}${definition.format(scale.max)}`),
      element('span', { class: 'dim' }, `${definition.unit}${scale.kind === 'log' ? ', logarithmic' : ''}`),
      ...(scale.around === undefined ? [] : beyondKey()),
    );
  } else if (definition === null) {
    const gate = gateNames.find((name) => name === map.metric);
    if (gate !== undefined) {
      made.push(...standings.map((standing) => badge(standing, standingWords[gate][standing])));
    }
  }
  const states = statesOf(map.cells);
  const explain = {
    pending: 'waiting',
    unreadable: 'could not be read',
    unmeasured: 'not measured',
    unresolved: belowResolution,
  } as const;
  for (const state of ['pending', 'unreadable', 'unmeasured', 'unresolved'] as const) {
    if (!states.has(state)) continue;
    const sample = element('span', { class: 'heat-cell sample', 'data-state': state, 'aria-hidden': 'true' });
    sample.textContent = stateGlyphs[state];
    made.push(element('span', { class: 'legend-item' }, sample, explain[state]));
  }
  return made;
}

/** Shapes beside the colours, for what lies outside the range of a random update. */
function beyondKey(): HTMLElement[] {
  const words = [
    ['less', 'less'],
    ['more', 'more than a random update of this size'],
  ] as const;
  return [
    ...words.map(([word, said]) =>
      element(
        'span',
        { class: 'legend-item' },
        element('span', { 'aria-hidden': 'true' }, beyondGlyphs[word]),
        said,
      ),
    ),
    element('span', { class: 'legend-item' }, 'no mark: as random'),
  ];
}

/** What stands in a cell that has no colour of its own. */
export const stateGlyphs = { pending: '', unreadable: '!', unmeasured: '–', unresolved: '≈', plain: '' };

function statesOf(cells: HeatMap['cells']): Set<string> {
  return new Set(
    cells.flat().flatMap((cell) => (cell === null ? [] : cell.resolved ? cell.state : 'unresolved')),
  );
}

/** ", random ×0.71, as random"; empty where there is no null. */
function besideText({ id }: MetricDefinition, { expected, beyond }: HeatCell): string {
  const metric = metricNamed(measuredName(id));
  if (metric === null || expected === null) return '';
  const word = beyond === null || beyond === 'unknown' ? '' : `, ${beyond}`;
  return `, random ${metric.format(expected)}${word}`;
}

/** "Layer 12, down: Unchanged in bf16 78.1 %". */
export function cellLabel(map: HeatMap, at: number, column: number): string {
  const cell = map.cells[at]?.[column] ?? null;
  const rows = map.rows.at(at)?.label ?? '';
  const isTotal = at === map.rows.length - 1;
  const place = `${map.columns.at(column)?.key ?? ''}, ${isTotal ? 'all modules' : rows}`;
  if (cell === null) return `${place}: none`;
  const many = cell.tensors > 1 ? ` (${formatWhole(cell.tensors)} tensors)` : '';
  if (cell.state !== 'measured') {
    const state = { pending: 'waiting', unreadable: 'could not be read', unmeasured: 'not measured' }[
      cell.state
    ];
    return `${place}${many}: ${state}${cell.reason === null ? '' : `. ${cell.reason}`}`;
  }
  if (map.definition !== null) {
    const { label, format } = map.definition;
    const value = cell.resolved
      ? `${format(cell.value)}${besideText(map.definition, cell)}`
      : belowResolution;
    return `${place}${many}: ${label} ${value}`;
  }
  const gate = gateNames.find((name) => name === map.metric);
  const standing = cell.standing ?? 'unknown';
  const word =
    cell.word ?? (gate === undefined || standing === 'unknown' ? standing : standingWords[gate][standing]);
  return `${place}${many}: ${word}${cell.tensors > 1 && cell.word === null ? ' at worst' : ''}`;
}
