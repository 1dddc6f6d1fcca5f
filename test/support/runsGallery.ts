// `npm run gallery:runs`: pictures of the page of several runs in four themes and several widths, into test/e2e/screenshots/gallery (not committed).
import { mkdirSync } from 'node:fs';
import { problem } from '../../src/shared/errors.ts';
import { launch, openPanel, themeNames } from './panelPage.ts';
import { makeRunsReport, runsDocument } from './runsReports.ts';

const directory = 'test/e2e/screenshots/gallery';
const states = {
  'runs-three': runsDocument(makeRunsReport()),
  'runs-twelve': runsDocument(makeRunsReport({ runs: 12, layers: 28 })),
  'runs-steps': runsDocument(makeRunsReport({ runs: 1, trajectories: 1 })),
  'runs-both': runsDocument(makeRunsReport({ runs: 2, trajectories: 2 })),
  'runs-hostile': runsDocument(makeRunsReport({ hostile: true, trajectories: 1 })),
  'runs-working': runsDocument(null),
  'runs-failed': runsDocument(null, problem('not-found', 'There is no checkpoint at /models/gone.')),
};

const browser = await launch();
mkdirSync(directory, { recursive: true });
try {
  for (const [name, document] of Object.entries(states)) {
    const wishes = [
      ...themeNames.map((theme) => ({ theme, width: 1280 })),
      ...[400, 820, 1960].map((width) => ({ theme: 'dark-modern' as const, width })),
    ];
    for (const wish of wishes) {
      const panel = await openPanel(browser, document, { ...wish, page: 'runs' });
      if (name === 'runs-three') {
        await panel.page.getByRole('gridcell', { name: /^Layer 2, down/u }).click();
        await panel.settle();
      }
      const path = `${directory}/${name}-${wish.width === 1280 ? wish.theme : wish.width}.png`;
      await panel.page.screenshot({ path, fullPage: true });
      if (panel.complaints.length > 0) console.log(path, panel.complaints);
      await panel.page.close();
    }
  }
} finally {
  await browser.close();
}
