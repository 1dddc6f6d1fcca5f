// Compare Side by Side… in the real editor: the two demo runs, checkpoints and a pair selected in the explorer, and after a restart.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe } from 'node:test';
import { Editor } from './support/editor.ts';
import { scenarios } from './support/scenario.ts';
import type { Workbench } from './support/workbench.ts';
import { Workspace } from './support/workspace.ts';

/** What a slow machine under load may take. */
const longest = 120_000;

describe('checkpoints side by side', () => {
  const workspace = new Workspace();
  let editor: Editor;
  let workbench: Workbench;
  const scenario = scenarios(() => workbench);

  before(async () => {
    workspace.write('low.threegate', '{ "base": "base", "tuned": "sft-low/checkpoint-50" }\n');
    workspace.write('sft.threegate', '{ "base": "base", "tuned": "sft" }\n');
    editor = await Editor.start();
    workbench = await editor.open(workspace.path);
  });

  after(async () => {
    await editor.stop();
    workspace.remove();
  });

  scenario('opens the two demo runs, as the walkthrough does', async () => {
    await workbench.command('Three-Gate: Open the Demo Runs Side by Side');
    const page = await workbench.webview('.compare-table .row', longest);
    await page.locator('h1', { hasText: 'The 2 checkpoints have 2 verdicts' }).waitFor();
    assert.deepEqual(await page.locator('.row.head .link').allTextContents(), ['grpo/checkpoint-100', 'sft']);
    const words = page.locator('.table-body .row', { hasText: 'Gate III · precision' });
    assert.match((await words.textContent()) ?? '', /masked\s*dense/u);
    const rate = page.locator('.table-body .row', { hasText: 'learning_rate' });
    assert.match((await rate.textContent()) ?? '', /5e-6\s*3e-4/u);
    await workbench.looks('side-by-side');
    await page.getByRole('button', { name: 'Copy as Markdown' }).click();
    await page.locator('.announcer', { hasText: 'Copied as Markdown.' }).waitFor();
    assert.match(await workbench.page.evaluate('navigator.clipboard.readText()'), /^# base, side by side\n/u);
    await page.locator('.row.head .link', { hasText: 'grpo/checkpoint-100' }).click();
    await workbench.tab('base → ').waitFor();
    await workbench.closeAllEditors();
  });

  scenario(
    'compares pairs that are selected in the explorer, exports them, and comes back after a restart',
    async () => {
      await workbench.explorerRow('low.threegate').click();
      // When it has opened, the explorer selects it and nothing else.
      await workbench.webview('.headline:visible', longest);
      await workbench.explorerRow('sft.threegate').click({ modifiers: ['ControlOrMeta'] });
      await workbench.contextMenu(workbench.explorerRow('sft.threegate'), 'Compare Side by Side…');
      const page = await workbench.webview('.compare-table .row', longest);
      await page.locator('.row.head .link', { hasText: 'sft-low/checkpoint-50' }).waitFor();
      await page.getByText('Export').click();
      await page.getByRole('menuitem', { name: 'A row per checkpoint as CSV…' }).click();
      await workbench.acceptFile('three-gate-base-side-by-side.csv');
      await workbench.tab('three-gate-base-side-by-side.csv').waitFor();
      const csv = readFileSync(join(workspace.path, 'three-gate-base-side-by-side.csv'), 'utf8')
        .trimEnd()
        .split('\r\n');
      assert.equal(csv.length, 3);
      assert.match(csv[0] ?? '', /^label,path,step,regime,beyondSize,anchor,relativeDrift,/u);
      await workbench.reload({ open: 'three-gate-base-side-by-side.csv' });
      await workbench.tab('2 of base side by side').click();
      const again = await workbench.webview('.compare-table .row:visible', longest);
      await again.locator('.row.head .link', { hasText: 'sft-low/checkpoint-50' }).waitFor();
      await workbench.closeAllEditors();
    },
  );

  scenario('compares checkpoints that are picked in the palette', async () => {
    await workbench.command('Three-Gate: Compare Side by Side…');
    await workbench
      .quickRows()
      .filter({ hasText: /parameters/u })
      .first()
      .waitFor({ timeout: longest });
    await workbench.pick('base');
    await workbench
      .quickRows()
      .filter({ hasText: 'sft-low/checkpoint-50' })
      .first()
      .waitFor({ timeout: longest });
    const marks = workbench.quickRows().locator('input[type=checkbox], .monaco-custom-toggle');
    for (let at = 0; at < 3; at += 1) await marks.nth(at).click();
    await workbench.screenshot('side-by-side-picked');
    await workbench.quickInput().locator('.monaco-button', { hasText: 'OK' }).click();
    const page = await workbench.webview('.compare-table .row', longest);
    await page.locator('h1', { hasText: 'The 3 checkpoints have 2 verdicts' }).waitFor();
    await workbench.closeAllEditors();
  });
});
