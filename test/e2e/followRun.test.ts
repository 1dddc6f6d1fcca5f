// Follow Run… beside an imitated trainer: the panel fills as checkpoints come, says what is waited for, and notifies.
import assert from 'node:assert/strict';
import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe } from 'node:test';
import { ImitatedTrainer } from '../support/imitatedTrainer.ts';
import { Editor } from './support/editor.ts';
import { scenarios } from './support/scenario.ts';
import type { Workbench } from './support/workbench.ts';
import { Workspace } from './support/workspace.ts';

/** What a slow machine under load may take. */
const longest = { timeout: 120_000 };
const betweenLooksMs = 500;

describe('a run that trains', () => {
  const workspace = new Workspace();
  const runs = join(import.meta.dirname, '../fixtures/runs');
  const trainer = new ImitatedTrainer(join(runs, 'rl-a'), join(workspace.path, 'live'));
  let editor: Editor;
  let workbench: Workbench;
  const scenario = scenarios(() => workbench);

  before(async () => {
    cpSync(join(runs, 'base'), join(workspace.path, 'runs/base'), { recursive: true });
    writeFileSync(join(workspace.path, 'limits.yaml'), 'limits:\n  - sparsityBf16 >= 0.4\n');
    trainer.saveHalf(50);
    editor = await Editor.start();
    workbench = await editor.open(workspace.path);
  });

  after(async () => {
    await editor.stop();
    workspace.remove();
  });

  /** Answers what the command asks: the run, its base, and these limits. */
  async function follow(limits: string): Promise<void> {
    await workbench.command('Three-Gate: Follow Run…');
    await workbench.quickRows().filter({ hasText: 'Another folder…' }).waitFor(longest);
    await workbench.pick('live');
    await workbench
      .quickRows()
      .filter({ hasText: /parameters/ })
      .first()
      .waitFor(longest);
    await workbench.quickInput().locator('input.input').fill('runs/base');
    await workbench.pick('base');
    await workbench.quickRows().filter({ hasText: 'No limits' }).waitFor(longest);
    await workbench.pick(limits);
  }

  scenario('fills the panel as its checkpoints come', async () => {
    await follow('limits.yaml');
    const page = await workbench.webview('.header', longest.timeout);
    await page
      .locator('.following', { hasText: /checkpoint-50 is not complete, and is waited for: .*truncated/ })
      .waitFor(longest);
    await workbench.screenshot('follow-waiting');
    await trainer.save(50, betweenLooksMs);
    const rows = page.locator('.steps tbody tr');
    await rows.filter({ hasText: 'masked' }).first().waitFor(longest);
    assert.equal(await rows.count(), 1);
    trainer.remove(50);
    await trainer.save(200, betweenLooksMs);
    await rows.nth(1).waitFor(longest);
    assert.deepEqual(await rows.locator('th').allTextContents(), ['50', '200']);
    await page.locator('.following', { hasText: 'Waiting for the next checkpoint.' }).waitFor(longest);
  });

  scenario('notifies of a word that changed and of a limit that broke', async () => {
    const toast = workbench.page.locator('.notification-toast', { hasText: 'is broken' });
    await toast.waitFor(longest);
    assert.match(
      (await toast.textContent()) ?? '',
      /live\/checkpoint-200: Precision is partial, was masked; the limit "sparsityBf16 >= 0\.4" is broken: sparsityBf16 is 32\.3 % in the whole model/,
    );
    await workbench.looks('follow');
  });

  scenario('ends when the panel is closed, and has its rows again when it is followed anew', async () => {
    await workbench.closeAllEditors();
    await follow('No limits');
    const page = await workbench.webview('.steps', longest.timeout);
    const rows = page.locator('.steps tbody tr');
    await rows.nth(1).waitFor(longest);
    assert.deepEqual(await rows.locator('th').allTextContents(), ['50', '200']);
    await workbench.closeAllEditors();
  });
});
