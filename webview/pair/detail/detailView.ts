// What was selected, in full: its verdicts with their rules, every number with its definition, and its charts.
import type { PanelReport } from '../../../src/shared/protocol/panelReport.ts';
import { element, replaceChildren, setText, show } from '../../parts/dom/dom.ts';
import { createFactList } from '../../parts/dom/factList.ts';
import { quietButton } from '../../parts/dom/quietButton.ts';
import type { Section, Tools } from '../section.ts';
import type { PanelState } from '../state/state.ts';
import { subjectOf, type Subject } from '../state/subject.ts';
import { ChartShelf } from './chartShelf.ts';
import { numberParts } from './numbers.ts';
import { verdictParts } from './verdicts.ts';

export function createDetail(tools: Tools): Section {
  return new DetailView(tools);
}

class DetailView implements Section {
  readonly root: HTMLElement;
  private verdictKey = '';
  private readonly title = element('h2', { id: 'detail-title' });
  private readonly note = element('p', { class: 'detail-note' });
  private readonly back: HTMLElement;
  private readonly askLabel = element('span');
  private readonly ask: HTMLElement;
  private about: string | null = null;
  private readonly verdicts = element('div', { class: 'detail-verdicts' });
  private readonly numbers = createFactList('numbers');
  private readonly charts: ChartShelf;
  private readonly hint = element(
    'p',
    { class: 'hint' },
    'Select a matrix in the map or the table to see its singular values, principal angles, stripes and energies.',
  );

  constructor(tools: Tools) {
    this.charts = new ChartShelf(tools);
    this.back = quietButton('Whole model', () => {
      tools.dispatch({ kind: 'select', selection: { kind: 'model' } });
    });
    this.ask = quietButton(
      this.askLabel,
      () => {
        if (this.about !== null) tools.host.ask(this.about);
      },
      { hint: 'Fills the chat with the question and the tool that answers it' },
    );
    const grow = element('span', { class: 'grow' });
    this.root = element(
      'section',
      { class: 'detail', 'aria-labelledby': 'detail-title' },
      element('div', { class: 'section-head' }, this.title, this.note, grow, this.ask, this.back),
      this.verdicts,
      this.numbers.root,
      this.charts.root,
      this.hint,
    );
  }

  update(state: PanelState, previous: PanelState | null): void {
    const { document, view } = state;
    const report = document?.report ?? null;
    show(this.root, report !== null);
    if (report === null) return;
    const subject = shownSubject(report, state) ?? subjectOf(report, { kind: 'model' });
    if (subject === null) return;
    const before = previous?.document?.report ?? null;
    const shown = before === null || previous === null ? null : shownSubject(before, previous);
    show(this.back, view.selection.kind !== 'model');
    const isRunning = document?.run.kind === 'running';
    this.about = document?.canAsk === true && document.run.kind === 'complete' ? subject.about : null;
    setText(this.askLabel, `Ask about this ${subject.tensor === null ? view.selection.kind : 'tensor'}`);
    show(this.ask, this.about !== null);
    if (!isRunning) this.charts.flush();
    const isSame =
      shown?.key === subject.key && shown.source === subject.source && shown.curves === subject.curves;
    if (isSame) return;
    if (shown?.key !== subject.key) this.charts.clear();
    this.draw(subject);
    this.charts.show(subject, isRunning);
  }

  themeChanged(): void {
    this.charts.redraw();
  }

  private draw(subject: Subject): void {
    setText(this.title, subject.title);
    setText(this.note, subject.note);
    const key = JSON.stringify([subject.key, subject.verdicts, subject.tensor?.problem ?? null]);
    if (key !== this.verdictKey) replaceChildren(this.verdicts, ...verdictParts(subject));
    this.verdictKey = key;
    this.numbers.update(numberParts(subject));
    show(this.hint, subject.tensor === null);
  }
}

function shownSubject(report: PanelReport, { view, curves }: PanelState): Subject | null {
  return subjectOf(report, view.selection, curves);
}
