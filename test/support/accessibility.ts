// What axe finds wrong with a page.
import { readFileSync } from 'node:fs';
import type { PanelPage } from './panelPage.ts';

const axeSource = readFileSync(new URL('../../node_modules/axe-core/axe.min.js', import.meta.url), 'utf8');

interface Violation {
  id: string;
  nodes: { html: string; failureSummary?: string }[];
}

/** Rules about colours: the only ones that another theme may break, as it changes no element and no attribute. */
const ofColours = ['color-contrast', 'link-in-text-block'];

/** Rule, element and advice of each, at most three elements a rule. */
export function violations(panel: PanelPage): Promise<string[]> {
  return foundBy(panel, {});
}

/** As `violations`, for a page whose structure was looked at in another theme. */
export function violationsOfColour(panel: PanelPage): Promise<string[]> {
  return foundBy(panel, { runOnly: ofColours });
}

async function foundBy({ page }: PanelPage, wishes: object): Promise<string[]> {
  // The page's policy would refuse a script element, as it should; the debugger may evaluate.
  if (!(await page.evaluate<boolean>('"axe" in globalThis'))) await page.evaluate(axeSource);
  const options = JSON.stringify({ resultTypes: ['violations'], ...wishes });
  const found = await page.evaluate<Violation[]>(
    `axe.run(document, ${options}).then(({ violations }) => violations)`,
  );
  return found.flatMap(({ id, nodes }) =>
    nodes
      .slice(0, 3)
      .map(({ html, failureSummary }) => `${id}: ${html.slice(0, 160)} ${failureSummary ?? ''}`),
  );
}
