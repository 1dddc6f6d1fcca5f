// One chart with its title, legend, definition, text alternative, and the two ways to take it away.
import { chartTsv } from '../table/tsv.ts';
import { element, replaceChildren, setText, setVariable, show } from '../view/dom.ts';
import type { Tools } from '../view/section.ts';
import { css } from '../view/theme.ts';
import { tip } from '../view/tooltip.ts';
import { colorOf, drawChart, isOutlined, type DrawnChart } from './draw.ts';
import type { ChartModel, ChartSlot } from './model.ts';
import { chartPng, pngName } from './png.ts';
import type { DrawQueue } from './queue.ts';

export interface ChartCard {
  root: HTMLElement;
  show(slot: ChartSlot, subject: string): void;
  redraw(): void;
  dispose(): void;
}

/** What a card needs of its page. */
export interface ChartTools extends Pick<Tools, 'theme' | 'announce'> {
  host: Pick<Tools['host'], 'copy' | 'savePng'>;
}

export function createChartCard({ host, theme, announce }: ChartTools, queue: DrawQueue): ChartCard {
  let chart: DrawnChart | null = null;
  let model: ChartModel | null = null;
  let subject = '';
  let shownKey = '';
  const title = element('h3', {});
  const legend = element('div', { class: 'chart-legend' });
  const canvas = element('canvas', { role: 'img' });
  const frame = element('div', { class: 'chart-frame' }, canvas);
  const reason = element('p', { class: 'chart-reason' });
  const definition = element('p', { class: 'definition' });
  const png = element('button', { type: 'button', class: 'quiet' }, 'PNG');
  const copy = element('button', { type: 'button', class: 'quiet' }, 'Copy data');
  tip(png, () => ['Save this chart as a picture']);
  tip(copy, () => ['Copy its numbers as tab-separated text']);
  const root = element(
    'figure',
    { class: 'chart' },
    element('figcaption', { class: 'chart-head' }, title, element('span', { class: 'grow' }), png, copy),
    legend,
    frame,
    reason,
    definition,
  );

  const draw = (): void => {
    queue.ask(canvas, () => {
      if (model === null || !canvas.isConnected) return;
      if (chart === null) chart = drawChart(canvas, model, theme());
      else chart.show(model, theme());
    });
  };
  png.addEventListener('click', () => {
    if (model === null) return;
    const name = pngName(model, subject);
    void host.savePng(name, chartPng(canvas, model, subject, theme())).then((path) => {
      if (path !== null) announce(`Saved ${path}.`);
    });
  });
  copy.addEventListener('click', () => {
    if (model === null) return;
    const { table } = model;
    void host.copy(chartTsv(table)).then((copied) => {
      if (copied) announce(`Copied ${table.rows.length} rows.`);
    });
  });

  const drawLegend = (): void => {
    const entries = (model?.series ?? []).flatMap((series) => {
      if (series.mark === 'stripe') return [];
      const dashed = series.mark === 'line' && series.dashed === true;
      const outlined = isOutlined(series);
      const swatch = element('span', {
        class: `swatch${dashed ? ' dashed' : ''}${outlined ? ' outlined' : ''}`,
      });
      setVariable(swatch, '--swatch', css(colorOf(series.color, theme())));
      return [element('span', { class: 'legend-item' }, swatch, series.label)];
    });
    replaceChildren(legend, ...entries);
    // One series needs no legend, but its room is kept: pictures in a row start at one height.
    legend.classList.toggle('single', entries.length < 2);
  };

  return {
    root,
    show(slot, about) {
      const key = JSON.stringify([slot, about]);
      if (key === shownKey) return;
      shownKey = key;
      ({ model } = slot);
      subject = about;
      setText(title, slot.model?.title ?? (slot.model === null ? slot.title : ''));
      const id = slot.model?.id ?? (slot.model === null ? slot.id : null);
      const isComing = slot.model === null && slot.coming === true;
      for (const part of [definition, png, copy]) show(part, model !== null);
      show(frame, model !== null || isComing);
      show(reason, model === null);
      setText(reason, slot.reason ?? '');
      setText(definition, model?.definition ?? '');
      frame.classList.toggle('short', id === 'stripes' || id === 'drift' || id === 'energy');
      drawLegend();
      if (model === null) return;
      canvas.setAttribute('aria-label', `${model.title} of ${about}. ${model.description}`);
      draw();
    },
    redraw() {
      drawLegend();
      if (model !== null) draw();
    },
    dispose() {
      queue.forget(canvas);
      chart?.destroy();
      chart = null;
    },
  };
}
