// The built page of checkpoints side by side in a browser under the policy the extension serves it with: accessibility in four
// themes, hostile labels, width, keyboard, and what it sends to its host. Needs Chromium alone.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { problem } from '../../src/shared/errors.ts';
import { violations, violationsOfColour } from '../support/accessibility.ts';
import { launch, openPanel, otherThemes, type PanelPage, type PanelWishes } from '../support/panelPage.ts';
import { makeSideBySide, sideBySideDocument } from '../support/sideBySideReports.ts';

const states = {
  three: sideBySideDocument(makeSideBySide()),
  twelve: sideBySideDocument(makeSideBySide({ runs: 12 })),
  hostile: sideBySideDocument(makeSideBySide({ hostile: true })),
  working: sideBySideDocument(null),
  failed: sideBySideDocument(null, problem('not-found', 'There is no checkpoint at /models/gone.')),
};

describe('the page of checkpoints side by side', () => {
  let browser: Browser;
  before(async () => {
    browser = await launch();
  });
  after(async () => {
    await browser.close();
  });
  const open = (name: keyof typeof states, wishes: PanelWishes = {}): Promise<PanelPage> =>
    openPanel(browser, states[name], { ...wishes, page: 'compare' });

  for (const name of Object.keys(states) as (keyof typeof states)[]) {
    it(`has no accessibility violation in any theme (${name})`, async () => {
      for (const layout of ['readings', 'checkpoints']) {
        const panel = await open(name, { kept: { view: { layout } } });
        assert.deepEqual(await violations(panel), [], `${name} ${layout}`);
        for (const theme of otherThemes) {
          await panel.setTheme(theme);
          assert.deepEqual(await violationsOfColour(panel), [], `${theme} ${name} ${layout}`);
        }
        assert.deepEqual(panel.complaints, [], `${name} ${layout}`);
        await panel.page.close();
      }
    });
  }

  it('shows markup in labels as text and runs none of it', async () => {
    const panel = await open('hostile');
    assert.equal(await panel.page.evaluate('globalThis.broken'), undefined);
    assert.equal(await panel.page.locator('#app img').count(), 0);
    assert.match((await panel.page.locator('.row.head').textContent()) ?? '', /<\/script><img/u);
    await panel.page.close();
  });

  it('never scrolls sideways as a page, from 400 px up', async () => {
    for (const name of ['three', 'twelve', 'hostile'] as const) {
      const panel = await open(name, { width: 1800 });
      for (const width of [1800, 1000, 700, 400]) {
        await panel.setWidth(width);
        const overflow = await panel.page.evaluate<number>(
          'document.documentElement.scrollWidth - innerWidth',
        );
        assert.equal(overflow <= 0, true, `${name} at ${width} px is ${overflow} px too wide`);
      }
      await panel.page.close();
    }
  });

  it('sorts, filters and turns round, and comes back so', async () => {
    const panel = await open('three');
    const { page } = panel;
    const names = (): Promise<string[]> => page.locator('.table-body .cell.name').allTextContents();
    const heads = (): Promise<string[]> => page.locator('.row.head .link').allTextContents();
    assert.deepEqual(await heads(), ['rlvr-seed0', 'sft-seed1', 'rlvr-seed2']);
    await page.getByRole('button', { name: 'Relative drift' }).click();
    await page.getByRole('button', { name: 'Relative drift' }).click();
    await panel.settle();
    assert.equal((await heads())[0], 'sft-seed1');
    await page.getByRole('button', { name: 'Checkpoints', exact: true }).click();
    await panel.settle();
    assert.equal((await names())[0], 'sft-seed1');
    assert.equal(
      await page.getByRole('columnheader', { name: 'Relative drift' }).getAttribute('aria-sort'),
      'descending',
    );
    await page.locator('vscode-text-field input').fill('rlvr');
    await panel.settle();
    assert.equal(await page.locator('.count').textContent(), '2 of 3 rows');
    const kept = (await panel.kept()) as { choice: unknown; view: object };
    assert.deepEqual(kept.choice, states.three.choice);
    await page.close();
    const again = await open('three', { kept });
    assert.equal(await again.page.locator('.count').textContent(), '2 of 3 rows');
    await again.page.close();
  });

  it('is walked by keyboard, opens a pair, and is copied', async () => {
    const panel = await open('three');
    const { page } = panel;
    await page.getByRole('button', { name: 'Checkpoints', exact: true }).click();
    await panel.settle();
    await page.locator('.table-body .row[tabindex="0"]').focus();
    for (const key of ['ArrowDown', 'ArrowDown', 'ArrowUp', 'Enter']) await page.keyboard.press(key);
    await page.getByRole('button', { name: 'rlvr-seed2' }).click();
    await page.getByRole('button', { name: 'Copy', exact: true }).click();
    await page.getByRole('button', { name: 'Copy as Markdown' }).click();
    await panel.settle();
    const sent = await panel.sent();
    assert.deepEqual(
      sent.filter(({ method }) => method === 'openPair').map(({ params }) => params),
      [{ run: 1 }, { run: 2 }],
    );
    const [table, markdown] = sent
      .filter(({ method }) => method === 'copy')
      .map(({ params }) => (params as { text: string }).text);
    assert.equal(table?.trimEnd().split('\n').length, 4);
    assert.match(
      markdown ?? '',
      /^# .*, side by side\n[\s\S]*\| setting \| rlvr-seed0 \| sft-seed1 \| rlvr-seed2 \|/u,
    );
    await page.close();
  });

  it('says what is going on while there is nothing to show', async () => {
    const panel = await open('working');
    assert.equal(await panel.page.locator('h1').textContent(), 'Analysing the checkpoints…');
    await panel.emit('document', states.failed);
    await panel.settle();
    assert.match((await panel.page.locator('.compare-problems').textContent()) ?? '', /\/models\/gone/u);
    await panel.page.getByText('Compare again').click();
    await panel.emit('document', states.three);
    await panel.settle();
    assert.match((await panel.page.locator('h1').textContent()) ?? '', /^The 3 checkpoints have 2 verdicts/u);
    assert.deepEqual(
      (await panel.sent()).map(({ method, params }) => [method, params]),
      [
        ['ready', {}],
        ['act', { action: 'rerun' }],
      ],
    );
    await panel.page.close();
  });
});
