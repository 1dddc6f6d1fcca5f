// The charts of what was selected. While an analysis runs they keep to a pace: nobody reads them twelve times a second.
import { createChartCard, type ChartCard } from '../../parts/charts/chartCard.ts';
import { createPace, type Pace } from '../../parts/charts/pace.ts';
import { createFrameQueue } from '../../parts/charts/frameQueue.ts';
import { element, replaceChildren } from '../../parts/dom/dom.ts';
import { chartsOf } from '../charts/builders.ts';
import type { Tools } from '../section.ts';
import type { Subject } from '../state/subject.ts';

/** Between two drawings of the same chart while an analysis runs. */
const chartPauseMs = 400;

export class ChartShelf {
  readonly root = element('div', { class: 'charts' });
  private readonly tools: Tools;
  private readonly queue = createFrameQueue();
  private readonly pace: Pace = createPace(chartPauseMs, {
    now: () => performance.now(),
    after(ms, run) {
      const timer = setTimeout(run, ms);
      return () => {
        clearTimeout(timer);
      };
    },
  });
  private cards: ChartCard[] = [];

  constructor(tools: Tools) {
    this.tools = tools;
  }

  show(subject: Subject, isRunning: boolean): void {
    if (!isRunning || this.cards.length === 0) this.draw(subject);
    else
      this.pace.ask(() => {
        this.draw(subject);
      });
  }

  /** Draws now what still waits. */
  flush(): void {
    this.pace.flush();
  }

  /** For charts of another kind of subject, which are made anew: Chart.js cannot turn bars into lines. */
  clear(): void {
    for (const card of this.cards) card.dispose();
    this.cards = [];
    this.pace.forget();
  }

  redraw(): void {
    for (const card of this.cards) card.redraw();
  }

  private draw(subject: Subject): void {
    const { cards, root } = this;
    const slots = chartsOf(subject);
    while (cards.length > slots.length) cards.pop()?.dispose();
    while (cards.length < slots.length) cards.push(createChartCard(this.tools, this.queue));
    const roots = cards.map((card) => card.root);
    if (roots.length !== root.childElementCount) replaceChildren(root, ...roots);
    slots.forEach((slot, index) => cards[index]?.show(slot, subject.title));
  }
}
