// What axe finds wrong with a page.
import { readFileSync } from 'node:fs';
import type { PanelPage } from './panelPage.ts';

const axeSource = readFileSync(new URL('../../node_modules/axe-core/axe.min.js', import.meta.url), 'utf8');

interface Violation {
  id: string;
  nodes: { html: string; failureSummary?: string }[];
}

/** Rule, element and advice of each, at most three elements a rule. */
export async function violations({ page }: PanelPage): Promise<string[]> {
  // The page's policy would refuse a script element, as it should; the debugger may evaluate.
  await page.evaluate(axeSource);
  const found = await page.evaluate<Violation[]>(
    `axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) => violations)`,
  );
  return found.flatMap(({ id, nodes }) =>
    nodes
      .slice(0, 3)
      .map(({ html, failureSummary }) => `${id}: ${html.slice(0, 160)} ${failureSummary ?? ''}`),
  );
}
