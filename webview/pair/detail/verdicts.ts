// The verdicts on what was selected, with their rules.
import { gateNames } from '../../../src/shared/options/options.ts';
import { element } from '../../parts/dom/dom.ts';
import { badge } from '../../parts/dom/icons.ts';
import { gateTitles } from '../../parts/model/gates.ts';
import type { Subject } from '../state/subject.ts';

export function verdictParts({ key, verdicts, tensor }: Subject): HTMLElement[] {
  const parts: HTMLElement[] = [];
  if (tensor?.problem) parts.push(element('p', { class: 'detail-problem' }, tensor.problem.message));
  // The gate cards say it for the whole model.
  if (verdicts === null || key === 'model') return parts;
  for (const gate of gateNames) {
    const { standing, verdict, rule } = verdicts[gate];
    parts.push(
      element(
        'div',
        { class: 'detail-verdict' },
        element(
          'span',
          { class: 'numeral', 'aria-label': `Gate ${gateTitles[gate].numeral}` },
          gateTitles[gate].numeral,
        ),
        badge(standing, standing === 'unknown' ? 'not measured' : verdict),
        element('span', { class: 'rule' }, rule),
      ),
    );
  }
  return parts;
}
