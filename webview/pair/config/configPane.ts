// The training config at the side: its settings, the training log, and what was found in both. A click goes to the line
// in the file.
import { element, replaceChildren, show } from '../../parts/dom/dom.ts';
import { quietButton } from '../../parts/dom/quietButton.ts';
import type { Section, Tools } from '../section.ts';
import { entryPart } from './entryPart.ts';
import { findingPart } from './findingPart.ts';
import { logPart } from './logPart.ts';

export function createConfigPane(tools: Tools): Section {
  const body = element('div', {});
  const choose = quietButton('Choose file…', () => {
    tools.host.act('chooseConfig');
  });
  const root = element(
    'aside',
    { class: 'config', 'aria-labelledby': 'config-title' },
    element(
      'div',
      { class: 'section-head' },
      element('h2', { id: 'config-title' }, 'Training config'),
      element('span', { class: 'grow' }),
      choose,
    ),
    body,
  );
  return {
    root,
    update({ document }, previous) {
      const report = document?.report ?? null;
      show(root, report !== null);
      show(choose, document?.stored === undefined);
      if (report === null) return;
      const { training, options } = report;
      if (training === previous?.document?.report?.training) return;
      replaceChildren(
        body,
        ...entryPart(tools, training),
        ...logPart(training.logs, options.thresholds.klNatsPerToken),
        ...findingPart(tools, training.findings),
        ...training.problems.map((each) => element('p', { class: 'absent' }, each.message)),
      );
    },
  };
}
