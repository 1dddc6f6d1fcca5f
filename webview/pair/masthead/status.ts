// What is going on and what to do next: the empty, running, cancelled and failed states, and what could not be compared.
import type { Problem } from '../../../src/shared/errors.ts';
import type { PanelDocument } from '../../../src/shared/protocol/panelProtocol.ts';
import { element, replaceChildren } from '../../parts/dom/dom.ts';
import type { Section, Tools } from '../section.ts';
import { banners } from './banners.ts';
import { createProgress } from './progress.ts';

export function createStatus(tools: Tools): Section {
  const progress = createProgress(tools);
  const message = element('div', { class: 'banners' });
  const root = element(
    'section',
    { class: 'status', 'aria-label': 'State of the analysis' },
    progress.root,
    message,
  );
  return {
    root,
    update(state, previous) {
      progress.update(state, previous);
      const { document, notice } = state;
      const unchanged =
        previous !== null &&
        notice === previous.notice &&
        document?.stored?.shards === previous.document?.stored?.shards &&
        document?.run.kind === previous.document?.run.kind &&
        faultOf(document) === faultOf(previous.document) &&
        document?.report?.coverage === previous.document?.report?.coverage &&
        document?.report?.problems === previous.document?.report?.problems;
      if (unchanged) return;
      replaceChildren(message, ...(document === null ? [] : banners(tools, document, notice)));
    },
  };
}

/** Why the analysis failed; one failure may follow another. */
function faultOf(document: PanelDocument | null): Problem | null {
  return document?.run.kind === 'failed' ? document.run.problem : null;
}
