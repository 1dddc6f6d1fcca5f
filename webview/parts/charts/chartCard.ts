// One chart with its title, legend, definition, text alternative, and the two ways to take it away.
import { element, replaceChildren, setText, setVariable, show } from '../dom/dom.ts';
import { quietButton } from '../dom/quietButton.ts';
import { copyText, type PartTools } from '../page/section.ts';
import { tableTsv } from '../table/tsv.ts';
import { css, type Theme } from '../theme/theme.ts';
import { colorOf, isOutlined } from './colors.ts';
import { drawChart, type DrawnChart } from './draw.ts';
import type { ChartModel, ChartSlot } from './model.ts';
import { chartPng, pngName } from './png.ts';
import type { DrawQueue } from './queue.ts';

export interface ChartCard {
  root: HTMLElement;
  show(slot: ChartSlot, subject: string): void;
  redraw(): void;
  dispose(): void;
}

export function createChartCard(tools: PartTools, queue: DrawQueue): ChartCard {
  return new Card(tools, queue);
}

class Card implements ChartCard {
  readonly root: HTMLElement;
  private readonly tools: PartTools;
  private readonly queue: DrawQueue;
  private chart: DrawnChart | null = null;
  private model: ChartModel | null = null;
  private subject = '';
  private shownKey = '';
  private readonly title = element('h3', {});
  private readonly legend = element('div', { class: 'chart-legend' });
  private readonly canvas = element('canvas', { role: 'img' });
  private readonly frame = element('div', { class: 'chart-frame' }, this.canvas);
  private readonly reason = element('p', { class: 'chart-reason' });
  private readonly definition = element('p', { class: 'definition' });
  private readonly png: HTMLElement;
  private readonly copy: HTMLElement;

  constructor(tools: PartTools, queue: DrawQueue) {
    this.tools = tools;
    this.queue = queue;
    this.png = quietButton('PNG', () => void this.save(), { hint: 'Save this chart as a picture' });
    this.copy = quietButton('Copy data', () => void this.copyData(), {
      hint: 'Copy its numbers as tab-separated text',
    });
    const grow = element('span', { class: 'grow' });
    this.root = element(
      'figure',
      { class: 'chart' },
      element('figcaption', { class: 'chart-head' }, this.title, grow, this.png, this.copy),
      this.legend,
      this.frame,
      this.reason,
      this.definition,
    );
  }

  show(slot: ChartSlot, about: string): void {
    const key = JSON.stringify([slot, about]);
    if (key === this.shownKey) return;
    this.shownKey = key;
    ({ model: this.model } = slot);
    const { model } = this;
    this.subject = about;
    setText(this.title, slot.model === null ? slot.title : slot.model.title);
    const isComing = slot.model === null && slot.coming === true;
    for (const part of [this.definition, this.png, this.copy]) show(part, model !== null);
    show(this.frame, model !== null || isComing);
    show(this.reason, model === null);
    setText(this.reason, slot.reason ?? '');
    setText(this.definition, model?.definition ?? '');
    this.frame.classList.toggle('short', (slot.model ?? slot).short === true);
    this.drawLegend();
    if (model === null) return;
    this.canvas.setAttribute('aria-label', `${model.title} of ${about}. ${model.description}`);
    this.draw();
  }

  redraw(): void {
    this.drawLegend();
    if (this.model !== null) this.draw();
  }

  dispose(): void {
    this.queue.forget(this.canvas);
    this.chart?.destroy();
    this.chart = null;
  }

  private draw(): void {
    this.queue.ask(this.canvas, () => {
      if (this.model === null || !this.canvas.isConnected) return;
      const theme = this.tools.theme();
      if (this.chart === null) this.chart = drawChart(this.canvas, this.model, theme);
      else this.chart.show(this.model, theme);
    });
  }

  private drawLegend(): void {
    const entries = legendEntries(this.model, this.tools.theme());
    replaceChildren(this.legend, ...entries);
    // One series needs no legend, but its room is kept: pictures in a row start at one height.
    this.legend.classList.toggle('single', entries.length < 2);
  }

  private async save(): Promise<void> {
    const { model, subject, tools } = this;
    if (model === null) return;
    const picture = chartPng(this.canvas, model, subject, tools.theme());
    const path = await tools.host.savePng(pngName(model, subject), picture);
    if (path !== null) tools.announce(`Saved ${path}.`);
  }

  private async copyData(): Promise<void> {
    if (this.model === null) return;
    const { table } = this.model;
    await copyText(this.tools, tableTsv(table), `Copied ${table.rows.length} rows.`);
  }
}

function legendEntries(model: ChartModel | null, theme: Theme): HTMLElement[] {
  return (model?.series ?? []).flatMap((series) => {
    if (series.mark === 'stripe') return [];
    const dashed = series.mark === 'line' && series.dashed === true;
    const outlined = isOutlined(series);
    const swatch = element('span', {
      class: `swatch${dashed ? ' dashed' : ''}${outlined ? ' outlined' : ''}`,
    });
    setVariable(swatch, '--swatch', css(colorOf(series.color, theme)));
    return [element('span', { class: 'legend-item' }, swatch, series.label)];
  });
}
