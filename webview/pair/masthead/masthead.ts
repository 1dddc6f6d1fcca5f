// What stands at the top of the page: which two checkpoints, the verdict in one sentence, how much was compared and by what.
import type { PanelAction, PanelDocument } from '../../../src/shared/protocol/panelProtocol.ts';
import type { PanelReport } from '../../../src/shared/protocol/panelReport.ts';
import type { CheckpointInfo } from '../../../src/shared/report/report.ts';
import { button } from '../../parts/dom/toolkit.ts';
import { element, replaceChildren, setText, show } from '../../parts/dom/dom.ts';
import { icon } from '../../parts/dom/icons.ts';
import { quietButton } from '../../parts/dom/quietButton.ts';
import { menu, type Command } from '../../parts/dom/menu.ts';
import { isAlone } from '../../parts/page/alone.ts';
import type { Section, Tools } from '../section.ts';
import { tip } from '../../parts/dom/tooltip.ts';
import { comparedPart } from './compared.ts';
import { factsOf, sideLines, type MastheadFact } from './facts.ts';
import { footprintLines, headline } from './headline.ts';
import { limitsPart } from './limits.ts';
import { nextStepsPart } from './nextSteps.ts';

export function createMasthead(tools: Tools): Section {
  let report: PanelReport | null = null;
  const sides = sidesLine(tools, () => report);
  const { save, exports, run, compare } = actionsOf(tools);
  const lead = element('h1', {});
  const rest = element('p', { class: 'rest' });
  const evidence = element('p', { class: 'evidence' });
  tip(lead, () => footprintLines(report));
  const compared = comparedPart();
  const limits = limitsPart(tools);
  const facts = factsLine();
  const nextSteps = nextStepsPart();
  const root = element(
    'header',
    { class: 'header' },
    element(
      'div',
      { class: 'identity' },
      sides.root,
      element('div', { class: 'actions' }, save, exports, compare, run),
    ),
    element(
      'div',
      { class: 'first' },
      element('div', {}, element('div', { class: 'headline' }, lead, rest, evidence), facts.root),
      nextSteps.root,
    ),
    compared.root,
    limits.root,
  );
  return {
    root,
    update({ document }, previous) {
      if (document === previous?.document) return;
      report = document?.report ?? null;
      sides.update(document);
      show(save, document?.unsaved === true);
      show(exports, report !== null);
      const isStored = document?.stored !== undefined;
      show(run, !isStored && document?.run.kind === 'complete');
      show(compare, isStored && report !== null && !isAlone());
      compared.update(document);
      const lines = headline(document);
      [lead, rest, evidence].forEach((line, at) => {
        const text = joined(lines[at] ?? '');
        setText(line, text);
        show(line, text !== '');
      });
      nextSteps.update(document);
      limits.update(report);
      show(facts.root, report !== null);
      if (report !== null) facts.update(factsOf(report));
    },
  };
}

interface SidesLine {
  root: HTMLElement;
  update(document: PanelDocument | null): void;
}

/** Which two checkpoints, and the button that swaps them. */
function sidesLine({ host }: Tools, report: () => PanelReport | null): SidesLine {
  const side = (name: 'Base' | 'Tuned', info: (report: PanelReport) => CheckpointInfo): HTMLElement => {
    const made = element('span', { class: 'side-name' });
    tip(made, () => {
      const known = report();
      return known === null ? [] : sideLines(name, info(known));
    });
    return made;
  };
  const base = side('Base', ({ pair }) => pair.base);
  const tuned = side('Tuned', ({ pair }) => pair.tuned);
  const swap = quietButton(
    icon('swap'),
    () => {
      host.act('swap');
    },
    { hint: 'Swap base and tuned' },
  );
  swap.setAttribute('aria-label', 'Swap base and tuned');
  const root = element(
    'p',
    { class: 'pair' },
    element('span', { class: 'dim' }, 'base '),
    base,
    element('span', { class: 'arrow', 'aria-label': 'to' }, ' → '),
    element('span', { class: 'dim' }, 'tuned '),
    tuned,
    swap,
  );
  return {
    root,
    update(document) {
      setText(base, document?.report?.pair.base.label ?? document?.basePath ?? '');
      setText(tuned, document?.report?.pair.tuned.label ?? document?.tunedPath ?? '');
      show(root, document !== null && (document.report !== null || document.basePath !== ''));
      show(swap, document?.stored === undefined);
    },
  };
}

function actionsOf({ host }: Tools): Record<'save' | 'exports' | 'run' | 'compare', HTMLElement> {
  const command = (label: string, action: PanelAction): Command => ({
    label,
    run: () => {
      host.act(action);
    },
  });
  const press = (label: string, action: PanelAction): HTMLElement =>
    button(label, command(label, action).run);
  return {
    save: press('Save pair…', 'save'),
    exports: menu('Export', [
      command('Copy verdict as Markdown', 'copyMarkdown'),
      command('Report as JSON…', 'exportJson'),
      command('Summary as Markdown…', 'exportMarkdown'),
      command('Table as CSV…', 'exportCsv'),
      ...(isAlone()
        ? []
        : [command('Page to send…', 'exportHtml'), command('Open file as text', 'openAsText')]),
    ]),
    run: press('Analyse again', 'run'),
    compare: press('Compare with another report…', 'compareReport'),
  };
}

function factsLine(): { root: HTMLElement; update(found: readonly MastheadFact[]): void } {
  const root = element('p', { class: 'facts' });
  let shown: readonly MastheadFact[] = [];
  return {
    root,
    update(found) {
      const same = found.length === shown.length && found.every(({ text }, at) => text === shown[at]?.text);
      shown = found;
      if (same) return;
      const made = found.map(({ text, warning }, at) => {
        const mark = warning === true ? icon('warning', 'warning') : null;
        const fact = element('span', { class: `fact${warning === true ? ' warned' : ''}` }, mark, text);
        tip(fact, () => shown[at]?.lines ?? []);
        return fact;
      });
      replaceChildren(root, ...made);
    },
  };
}

/** A number and its sign stay on one line. */
function joined(text: string): string {
  return text.replaceAll(/ (?=[%×])/gu, '\u00a0');
}
