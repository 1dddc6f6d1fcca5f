// Several runs by the direction of their updates: the cosine of every two over what is selected, beside that of random signs.
import { directionTable, directionSentence } from '../../src/shared/text/runsTables.ts';
import { overlapCatalogue } from '../../src/shared/text/overlapMetrics.ts';
import { spectrumTable, updateDirectionDefinitions } from '../../src/shared/text/updateDirectionTables.ts';
import { element, replaceChildren, setText, show } from '../parts/dom/dom.ts';
import { quietButton } from '../parts/dom/quietButton.ts';
import { copyText } from '../parts/page/section.ts';
import { tableTsv } from '../parts/table/tsv.ts';
import { poolOfSelection, tensorsOf } from './overlapMetrics.ts';
import { pairsTable } from './pairsTable.ts';
import { plainTable } from './plainTable.ts';
import type { RunsSection, RunsTools } from './section.ts';
import type { RunsState } from './state.ts';

export function createDirection(tools: RunsTools): RunsSection {
  const about = element('span', { class: 'dim' });
  const sentence = element('p', { class: 'settled' });
  const table = element('div', { class: 'direction-tables' });
  let copied: (() => void) | null = null;
  const copy = quietButton('Copy data', () => copied?.(), { hint: 'Copy every pair as tab-separated text' });
  const root = element(
    'section',
    { class: 'direction', 'aria-labelledby': 'direction-title' },
    element(
      'div',
      { class: 'section-head' },
      element('h2', { id: 'direction-title' }, 'Do the runs go the same way?'),
      about,
      element('span', { class: 'grow' }),
      copy,
    ),
    sentence,
    table,
  );
  return {
    root,
    update({ document, view }: RunsState, previous) {
      const report = document?.report ?? null;
      const overlap = report?.overlap.value ?? null;
      show(root, overlap !== null);
      if (report === null || overlap === null) return;
      if (document === previous?.document && view.selection === previous.view.selection) return;
      const found = poolOfSelection(overlap, view.selection) ?? poolOfSelection(overlap, { kind: 'model' });
      if (found === null) return;
      setText(about, found.title);
      setText(sentence, directionSentence(report, found.pool));
      const { cosine, cosineSpread } = overlapCatalogue;
      const definition = `${cosine.explanation} ${cosineSpread.explanation}`;
      const { similarity, spectrum } = updateDirectionDefinitions;
      const tensors = tensorsOf(overlap, view.selection);
      const pairs = directionTable(report, found.pool, tensors);
      const shares = spectrumTable(report, tensors);
      replaceChildren(
        table,
        plainTable(pairs, 'Direction of every two runs', `${definition} ${similarity}`),
        ...(shares === null ? [] : [plainTable(shares, 'Energy of the updates', spectrum)]),
      );
      copied = () => void copyText(tools, tableTsv(pairsTable(report, found.pool)), 'Copied every pair.');
    },
  };
}
