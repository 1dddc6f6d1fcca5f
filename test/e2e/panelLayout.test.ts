// Where things stand on the built panel at the widths that people have: nothing of a number is cut, a verdict stands beside its
// gate, and the next step is seen before anything is scrolled. Needs Chromium alone.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { overlappingTexts } from '../support/overlapping.ts';
import { launch, openPanel, type PanelPage } from '../support/panelPage.ts';
import { panelStates } from '../support/panelStates.ts';
import { makeDocument, makeReport } from '../support/reports.ts';

const widths = [820, 1000, 1280, 1960];
/** 1280 and 820 px with everything at twice its size, as the editor's zoom shows it. */
const atDoubleSize = [640, 410];
const states = panelStates(['huge']);
const measured = ['complete', 'tensor', 'verdicts', 'sft', 'noise', 'hostile'];

interface Box {
  scrollWidth: number;
  clientWidth: number;
  textContent: string;
}

/** Texts of what has more to say than room for it. */
async function cutIn({ page }: PanelPage, selector: string): Promise<string[]> {
  const boxes = await page.locator(selector).evaluateAll((found) =>
    found.map((each) => {
      const { scrollWidth, clientWidth, textContent } = each as unknown as Box;
      return { scrollWidth, clientWidth, textContent };
    }),
  );
  assert.ok(boxes.length > 0, selector);
  return boxes
    .filter(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth)
    .map(({ textContent }) => textContent);
}

describe('the layout of the panel', () => {
  let browser: Browser;
  before(async () => {
    browser = await launch();
  });
  after(async () => {
    await browser.close();
  });

  for (const name of measured) {
    it(`cuts no number and no verdict (${name})`, async () => {
      const { document, kept = {} } = states[name] ?? assert.fail(name);
      const panel = await openPanel(browser, document, { kept });
      for (const width of widths) {
        await panel.setWidth(width);
        for (const selector of [
          '.table-scroll',
          '.cell.number',
          '.cell.verdict',
          '.reading .number',
          '.reading-label',
          '.gate-facts :is(dt, dd)',
        ]) {
          assert.deepEqual(await cutIn(panel, selector), [], `${width} px: ${selector}`);
        }
        assert.deepEqual(await overlappingTexts(panel.page), [], `${width} px`);
      }
      await panel.page.close();
    });

    it(`shows everything at twice its size (${name})`, async () => {
      const { document, kept = {} } = states[name] ?? assert.fail(name);
      const panel = await openPanel(browser, document, { kept, height: 450, scale: 2 });
      const { page } = panel;
      for (const width of atDoubleSize) {
        await panel.setWidth(width);
        assert.deepEqual(await overlappingTexts(page), [], `${width} px`);
        for (const selector of [
          'body',
          '.headline',
          '.reading-label',
          '.reading .number',
          '.gate-facts :is(dt, dd)',
        ]) {
          assert.deepEqual(await cutIn(panel, selector), [], `${width} px: ${selector}`);
        }
      }
      await page.close();
    });
  }

  it('shows the map of 80 layers with experts whole', async () => {
    const document = makeDocument(makeReport({ model: 'moe', rank: 1 }));
    const panel = await openPanel(browser, document);
    const { page } = panel;
    for (const width of widths) {
      await panel.setWidth(width);
      assert.deepEqual(await cutIn(panel, '.heat-scroll'), [], `${width} px`);
      assert.deepEqual(await overlappingTexts(page), [], `${width} px`);
      const heads = (await page.locator('.heat-column').allTextContents()).filter((text) => text !== '');
      assert.deepEqual(heads.slice(-3), ['75', 'out', 'all']);
    }
    await page.close();
  });

  it('tells texts that lie over one another', async () => {
    const { document } = states['complete'] ?? assert.fail();
    const { page } = await openPanel(browser, document, { width: 1280 });
    await page.locator('.evidence').evaluate((found) => {
      (found as unknown as { style: { marginTop: string } }).style.marginTop = '-16px';
    });
    assert.match((await overlappingTexts(page)).join(), /which agrees/u);
    await page.close();
  });

  it('shows the next step beside the verdict, before anything is scrolled', async () => {
    const { document } = states['complete'] ?? assert.fail();
    const findings = document?.report?.training.findings ?? [];
    for (const width of widths) {
      const { page } = await openPanel(browser, document, { width, height: 700 });
      const steps = page.locator('.next-steps');
      const box = await steps.boundingBox();
      assert.ok(box !== null && box.y + box.height < 400, `${width} px: ${JSON.stringify(box)}`);
      assert.ok((await steps.innerText()).includes(findings[0]?.nextStep ?? '?'), `${width} px`);
      await steps.locator('a').first().click();
      await page.locator('#finding-1').waitFor();
      const target = await page.locator('#finding-1').boundingBox();
      assert.ok(target !== null && target.y > -1 && target.y < 700, `${width} px: ${JSON.stringify(target)}`);
      await page.close();
    }
  });

  it('finds a setting by its key, its value and what it means', async () => {
    const { document } = states['complete'] ?? assert.fail();
    const { page } = await openPanel(browser, document, { width: 1280 });
    const field = page.locator('.config vscode-text-field input');
    for (const [text, found] of [
      ['sched', ['lr_scheduler_type']],
      ['bfloat', ['torch_dtype']],
      ['klEstimator', ['kl_estimator']],
    ] as const) {
      await field.fill(text);
      await page.waitForFunction(`document.querySelectorAll('.entry').length === ${found.length}`);
      assert.deepEqual(await page.locator('.entry .key').allTextContents(), [...found]);
    }
    await field.fill('no such setting');
    await page.locator('.config .absent', { hasText: 'No setting matches.' }).waitFor();
    await page.close();
  });

  it('prints without what is there to be pressed', async () => {
    const { document } = states['complete'] ?? assert.fail();
    const { page } = await openPanel(browser, document, { width: 1000 });
    await page.emulateMedia({ media: 'print' });
    const ground = await page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
    assert.equal(ground, 'rgb(255, 255, 255)');
    assert.equal(await page.locator(':is(vscode-button, vscode-text-field, select):visible').count(), 0);
    assert.ok(await page.locator('h1').isVisible(), 'the verdict is printed');
    await page.close();
  });

  it('prints every row of the table, or says how many there are', async () => {
    const { document } = states['complete'] ?? assert.fail();
    for (const [grouping, rows] of [
      ['layers', 29],
      ['tensors', 255],
    ] as const) {
      const { page } = await openPanel(browser, document, { width: 1000, kept: { grouping } });
      const drawn = page.locator('.table-body .row');
      const before = await drawn.count();
      await page.evaluate(`addEventListener('beforeprint', () => {
        globalThis.printed = document.querySelectorAll('.table-body .row').length;
      })`);
      await page.pdf();
      assert.equal(await page.evaluate('globalThis.printed'), rows);
      assert.equal(await drawn.count(), before);
      await page.close();
    }
  });

  it('cuts a long name where it begins', async () => {
    const { document, kept = {} } = states['hostile'] ?? assert.fail();
    const { page } = await openPanel(browser, document, { kept, width: 820 });
    const names = await page.locator('.row .name-text').evaluateAll((found) =>
      found.map((each) => {
        const [outer, inner] = [
          each,
          (each as unknown as { firstElementChild: unknown }).firstElementChild,
        ].map((one) =>
          (one as { getBoundingClientRect(): { left: number; right: number } }).getBoundingClientRect(),
        );
        return {
          before: (outer?.left ?? 0) - (inner?.left ?? 0),
          after: (inner?.right ?? 0) - (outer?.right ?? 0),
        };
      }),
    );
    const cut = names.filter(({ before }) => before > 1);
    assert.ok(cut.length > 0, 'a name is too long for its column');
    for (const { after } of names) assert.ok(after < 1, 'the end of every name is there');
    await page.close();
  });

  it('sets each verdict beside the name of its gate', async () => {
    const { document } = states['complete'] ?? assert.fail();
    const panel = await openPanel(browser, document);
    const { page } = panel;
    for (const width of [...widths, 400]) {
      await panel.setWidth(width);
      for (const head of await page.locator('.gate-head').all()) {
        const title = await head.locator('h2').boundingBox();
        const word = await head.locator('.badge').boundingBox();
        assert.ok(title !== null && word !== null, 'both are drawn');
        assert.ok(word.y < title.y + title.height, `${width} px: the word is on the line of its title`);
      }
    }
    await page.close();
  });
});
