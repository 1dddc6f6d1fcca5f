// The built page of several runs in a browser under the policy the extension serves it with: accessibility in four
// themes, hostile labels, width, keyboard, and what it sends to its host. Needs Chromium alone.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { problem } from '../../src/shared/errors.ts';
import { violations, violationsOfColour } from '../support/accessibility.ts';
import { launch, openPanel, otherThemes, type PanelPage, type PanelWishes } from '../support/panelPage.ts';
import { makeRunsReport, runsDocument } from '../support/runsReports.ts';

const down = 'model.layers.2.mlp.down_proj.weight';
const states = {
  three: runsDocument(makeRunsReport()),
  both: runsDocument(makeRunsReport({ runs: 2, trajectories: 2 })),
  steps: runsDocument(makeRunsReport({ runs: 1, trajectories: 1 })),
  hostile: runsDocument(makeRunsReport({ hostile: true, trajectories: 1 })),
  working: runsDocument(null),
  failed: runsDocument(null, problem('not-found', 'There is no checkpoint at /models/gone.')),
};

describe('the page of runs', () => {
  let browser: Browser;
  before(async () => {
    browser = await launch();
  });
  after(async () => {
    await browser.close();
  });
  const open = (name: keyof typeof states, wishes: PanelWishes = {}): Promise<PanelPage> =>
    openPanel(browser, states[name], { ...wishes, page: 'runs' });

  for (const name of Object.keys(states) as (keyof typeof states)[]) {
    it(`has no accessibility violation in any theme (${name})`, async () => {
      const panel = await open(name, { kept: { view: { selection: { kind: 'tensor', name: down } } } });
      assert.deepEqual(await violations(panel), [], name);
      for (const theme of otherThemes) {
        await panel.setTheme(theme);
        assert.deepEqual(await violationsOfColour(panel), [], `${theme} ${name}`);
      }
      assert.deepEqual(panel.complaints, [], name);
      await panel.page.close();
    });
  }

  it('shows markup in labels as text and runs none of it', async () => {
    const panel = await open('hostile');
    assert.equal(await panel.page.evaluate('globalThis.broken'), undefined);
    assert.equal(await panel.page.locator('#app img').count(), 0);
    assert.match((await panel.page.locator('.pair').textContent()) ?? '', /<\/script><img/u);
    await panel.page.close();
  });

  it('never scrolls sideways as a page, from 400 px up', async () => {
    for (const name of ['three', 'both', 'hostile'] as const) {
      const panel = await open(name, { width: 1800 });
      for (const width of [1800, 1000, 700, 400]) {
        await panel.setWidth(width);
        const overflow = await panel.page.evaluate<number>(
          'document.documentElement.scrollWidth - innerWidth',
        );
        assert.ok(overflow <= 0, `${name} at ${width} px is ${overflow} px too wide`);
      }
      await panel.page.close();
    }
  });

  it('follows a choice of pair, of matrix and of number everywhere, and keeps it', async () => {
    const panel = await open('three');
    const { page } = panel;
    const own = page.locator('.consensus .chart').nth(1);
    assert.equal(await own.isVisible(), false);
    await page.getByRole('button', { name: /^grpo-seed0 and grpo-seed2: overlap/u }).click();
    await page.locator('.heat-cell[tabindex="0"]').focus();
    for (const key of ['ArrowRight', 'ArrowRight', 'ArrowDown', 'ArrowDown', 'Enter'])
      await page.keyboard.press(key);
    await page.locator('.heat select').selectOption('lift');
    await panel.settle();
    assert.equal(await page.locator('.heat .section-head .dim').textContent(), 'grpo-seed0 ∩ grpo-seed2');
    assert.equal(await page.locator('.overlap .section-head .dim').textContent(), down);
    assert.match(
      (await own.locator('canvas').getAttribute('aria-label')) ?? '',
      /Rows and columns of model\.layers\.2\.mlp\.down_proj/u,
    );
    const kept = (await panel.kept()) as { choice: unknown; view: object };
    assert.deepEqual(kept.choice, states.three.choice);
    await page.close();

    const again = await open('three', { kept });
    assert.equal(await again.page.evaluate(`document.querySelector('.heat select').value`), 'lift');
    assert.equal(await again.page.locator('.overlap .section-head .dim').textContent(), down);
    assert.deepEqual(again.complaints, []);
    await again.page.close();
  });

  it('walks the table by keyboard and copies it with every pair', async () => {
    const panel = await open('three');
    const { page } = panel;
    await page.getByRole('button', { name: 'Tensors' }).click();
    await panel.settle();
    await page.locator('.table-body .row[tabindex="0"]').focus();
    for (const key of ['ArrowDown', 'ArrowDown', 'End', 'ArrowUp', 'Enter']) await page.keyboard.press(key);
    await panel.settle();
    assert.equal(
      await page.locator('.overlap .section-head .dim').textContent(),
      'model.layers.3.self_attn.k_proj.weight',
    );
    await page.getByRole('button', { name: 'Copy table' }).click();
    await panel.settle();
    const copied = (await panel.sent()).findLast(({ method }) => method === 'copy')?.params as {
      text: string;
    };
    const lines = copied.text.trimEnd().split('\n');
    assert.equal(lines.length, 1 + 12 * 3);
    assert.deepEqual(lines[1]?.split('\t').slice(0, 3), [
      'model.layers.0.self_attn.q_proj.weight',
      'grpo-seed0',
      'grpo-seed1',
    ]);
    await page.close();
  });

  it('saves a chart as a picture and draws it again in another theme', async () => {
    const panel = await open('steps');
    const { page } = panel;
    assert.equal(await page.locator('.trajectory canvas').count(), 6);
    await page.locator('.trajectory .chart').first().getByRole('button', { name: 'PNG' }).click();
    await panel.settle();
    const saved = (await panel.sent()).find(({ method }) => method === 'savePng')?.params as {
      name: string;
      base64: string;
    };
    assert.equal(saved.name, 'grpo-seed0-stepUnchanged.png');
    assert.equal(Buffer.from(saved.base64, 'base64').subarray(1, 4).toString(), 'PNG');
    await panel.setTheme('light-modern');
    assert.deepEqual(panel.complaints, []);
    await page.close();
  });

  it('says what is going on while there is nothing to show', async () => {
    const panel = await open('working');
    assert.equal(await panel.page.locator('h1').textContent(), 'Comparing the runs…');
    await panel.emit('document', states.failed);
    await panel.settle();
    assert.match(
      (await panel.page.locator('.runs-problems').textContent()) ?? '',
      /no checkpoint at \/models\/gone/u,
    );
    await panel.page.getByText('Compare again').click();
    await panel.emit('document', states.steps);
    await panel.settle();
    assert.match((await panel.page.locator('h1').textContent()) ?? '', /settles at step 400/u);
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
