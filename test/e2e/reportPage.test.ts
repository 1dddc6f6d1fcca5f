// The page of `analyze --html` as somebody without an editor opens it: a file in a browser that reaches nothing.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { reportHtml } from '../../src/node/disk/reportHtml.ts';
import { parseReport } from '../../src/shared/text/parseReport.ts';
import type { Report } from '../../src/shared/report/report.ts';
import { launch } from '../support/panelPage.ts';
import { makeReport } from '../support/reports.ts';

const axeSource = readFileSync(new URL('../../node_modules/axe-core/axe.min.js', import.meta.url), 'utf8');
const hostile = '</script><script>globalThis.ran = true</script><img src=x onerror="globalThis.ran = true">';

interface Opened {
  page: Page;
  complaints: string[];
  /** Addresses that were asked for, but for the file itself. */
  requested: string[];
}

describe('the page of a report', () => {
  const folder = mkdtempSync(join(tmpdir(), 'three-gate-page-'));
  const file = join(folder, 'report.html');
  let browser: Browser;
  before(async () => {
    browser = await launch();
  });
  after(async () => {
    await browser.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function open(report: Report, scheme: 'dark' | 'light', more = false): Promise<Opened> {
    writeFileSync(file, await reportHtml(report, 'dist/webview'));
    const page = await browser.newPage({
      viewport: { width: 1280, height: 900 },
      colorScheme: scheme,
      contrast: more ? 'more' : 'no-preference',
    });
    const opened: Opened = { page, complaints: [], requested: [] };
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) opened.complaints.push(message.text());
    });
    page.on('pageerror', (error) => opened.complaints.push(error.message));
    page.on('request', (request) => {
      if (request.url() !== pathToFileURL(file).href) opened.requested.push(request.url());
    });
    await page.goto(pathToFileURL(file).href);
    await page.locator('main canvas, main .heat-cell').first().waitFor();
    return opened;
  }

  for (const [scheme, more] of [
    ['dark', false],
    ['light', false],
    ['dark', true],
    ['light', true],
  ] as const) {
    it(`shows the report, accessibly, in ${scheme}${more ? ' and more contrast' : ''}`, async () => {
      const report = makeReport({ model: 'nano', training: 'mixed', rank: 8 });
      const { page, complaints, requested } = await open(report, scheme, more);
      assert.equal(await page.locator('h1').textContent(), report.summary.regime.headline);
      await page.locator('.heat-cell').first().click();
      await page.evaluate(axeSource);
      const found = await page.evaluate<{ id: string }[]>(
        `axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) => violations)`,
      );
      assert.deepEqual(
        found.map(({ id }) => id),
        [],
      );
      assert.deepEqual(complaints, []);
      assert.deepEqual(requested, []);
      assert.equal(await page.getByText('Compare with another report').isVisible(), false);
      await page.close();
    });
  }

  it('gives the report away as it is', async () => {
    const report = makeReport({ model: 'nano', training: 'rlvr', rank: 8 });
    const { page } = await open(report, 'light');
    await page.getByRole('button', { name: 'Export' }).click();
    const items = await page.getByRole('menuitem').allTextContents();
    assert.equal(items.length, 4, items.join());
    const downloading = page.waitForEvent('download');
    await page.getByRole('menuitem', { name: 'Report as JSON' }).click();
    const download = await downloading;
    assert.match(download.suggestedFilename(), /^three-gate-[\w.-]+\.threegate\.json$/u);
    const text = readFileSync(await download.path(), 'utf8');
    assert.deepEqual(parseReport(text, 'report.json'), JSON.parse(JSON.stringify(report)));
    await page.close();
  });

  it('runs nothing that a checkpoint says, and nothing that is added to it', async () => {
    const report = makeReport({ model: 'nano', training: 'rlvr', rank: 8 });
    const { pair, tensors } = report;
    const named: Report = {
      ...report,
      pair: { ...pair, tuned: { ...pair.tuned, label: hostile, path: hostile } },
      tensors: tensors.map((tensor, at) => (at === 0 ? { ...tensor, name: hostile } : tensor)),
    };
    const { page, complaints } = await open(named, 'dark');
    assert.equal(await page.evaluate('globalThis.ran'), undefined);
    assert.equal((await page.title()).includes(hostile), true);
    assert.deepEqual(complaints, []);
    // The policy is in force: a script that is not that of the page is refused.
    await page.evaluate(`{
      const added = document.createElement('script');
      added.textContent = 'globalThis.ran = true';
      document.body.append(added);
    }`);
    assert.equal(await page.evaluate('globalThis.ran'), undefined);
    assert.equal(
      await page.evaluate(`fetch('http://127.0.0.1:9/').then(() => 'sent', () => 'refused')`),
      'refused',
    );
    assert.equal(
      complaints.some((text) => /Content Security Policy/u.test(text)),
      true,
    );
    await page.close();
  });

  it('has every colour that the page asks for', () => {
    const page = ['alone.js', 'alone.css']
      .map((name) => readFileSync(`dist/webview/${name}`, 'utf8'))
      .join('\n');
    const used = new Set([...page.matchAll(/var\((--vscode-[\w-]+)\)/gu)].map(([, name = '']) => name));
    const defined = readFileSync('webview/alone/themes.css', 'utf8');
    const inBothOnly = (name: string): boolean => defined.split(`${name}:`).length - 1 < 2;
    assert.equal(used.size > 20, true);
    assert.deepEqual([...used].filter(inBothOnly), []);
  });
});
