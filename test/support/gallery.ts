// `npm run gallery`: every state of the panel and of the page of a header in four themes and several widths, into test/e2e/screenshots/gallery
// (not committed), and the two pictures of the README into media/.
import { mkdirSync } from 'node:fs';
import type { PackedDocument } from '../../src/shared/protocol/headerProtocol.ts';
import { analysedByCommand } from './analysedByCommand.ts';
import { launch, openPanel, themeNames, type PanelWishes } from './panelPage.ts';
import { headerStates } from './headerStates.ts';
import { panelStates, type PanelCase } from './panelStates.ts';
import { makeDocument } from './reports.ts';

/** A state of any page. */
interface GalleryCase extends Pick<PanelWishes, 'page'>, Pick<PanelCase, 'kept'> {
  document: PanelCase['document'] | PackedDocument;
}

const directory = 'test/e2e/screenshots/gallery';
const widths = [400, 820, 1000, 1280, 1960];
/** `npm run gallery -- tensor hostile` draws these states alone; `readme` is the README's two pictures. */
const wanted = process.argv.slice(2);

const browser = await launch();
mkdirSync(directory, { recursive: true });
mkdirSync('media', { recursive: true });
const states: Record<string, GalleryCase> = {
  ...panelStates(wanted.length === 0 || wanted.includes('huge') ? [] : ['huge']),
  ...Object.fromEntries(
    Object.entries(headerStates).map(([name, document]) => [name, { document, page: 'header' as const }]),
  ),
};
try {
  for (const [name, state] of Object.entries(states)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    // Every theme at one width, every width in one theme: the two do not depend on each other.
    for (const theme of themeNames)
      await picture(`${directory}/${name}-${theme}.png`, state, { theme, width: 1280 });
    for (const width of widths)
      await picture(`${directory}/${name}-${width}.png`, state, { theme: 'dark-modern', width });
  }
  if (wanted.length === 0 || wanted.includes('readme')) {
    // The README shows what was measured, never what was made up.
    const document = makeDocument(
      analysedByCommand('test/fixtures/nano/base', 'test/fixtures/nano/grpo/checkpoint-100'),
    );
    for (const [name, theme] of [
      ['dark', 'dark-modern'],
      ['light', 'light-modern'],
    ] as const) {
      await picture(`media/panel-${name}.png`, { document }, { theme, width: 1280, height: 960 });
    }
  }
} finally {
  await browser.close();
}

async function picture(
  path: string,
  { document, kept, page }: GalleryCase,
  wishes: PanelWishes,
): Promise<void> {
  const panel = await openPanel(browser, document, {
    height: 900,
    ...wishes,
    ...(kept === undefined ? {} : { kept }),
    ...(page === undefined ? {} : { page }),
  });
  await panel.page.screenshot({ path, fullPage: wishes.height === undefined });
  if (panel.complaints.length > 0) console.log(path, panel.complaints);
  await panel.page.close();
}
