// A pair file as an editor: opened, edited, swapped, saved, reopened after a reload, read as text.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe } from 'node:test';
import { Editor } from './support/editor.ts';
import { Panel } from './support/panel.ts';
import { scenarios } from './support/scenario.ts';
import type { Workbench } from './support/workbench.ts';
import { Workspace } from './support/workspace.ts';

describe('the pair editor', () => {
  const workspace = new Workspace();
  let editor: Editor;
  let workbench: Workbench;
  const scenario = scenarios(() => workbench);

  before(async () => {
    workspace.write(
      'grpo.threegate',
      `${JSON.stringify({ base: 'base', tuned: 'grpo/checkpoint-100' }, null, 2)}\n`,
    );
    workspace.write(
      'wrong.threegate',
      '{ "base": "base", "tuned": "grpo/checkpoint-100", "options": { "rank": -1 } }',
    );
    editor = await Editor.start();
    workbench = await editor.open(workspace.path);
  });

  after(async () => {
    await editor.stop();
    workspace.remove();
  });

  scenario('analyses the pair that a .threegate file names', async () => {
    await workbench.openPair('grpo.threegate');
    const panel = await Panel.shown(workbench);
    assert.match(await panel.complete(), /^In the range of published RLVR runs/);
    assert.equal(await panel.sides(), 'base → grpo/checkpoint-100');
  });

  scenario('shows the remembered result after a reload, without a second run', async () => {
    await workbench.reload({ open: 'grpo.threegate' });
    const panel = await Panel.shown(workbench);
    assert.match(await panel.headline(), /^In the range of published RLVR runs/);
    assert.equal(await workbench.statusItem('Three-Gate').count(), 0);
  });

  scenario('badges the tuned checkpoint in the explorer', async () => {
    await workbench.expand('grpo');
    await workbench.untilBadge('checkpoint-100', 'RL');
    await workbench.screenshot('badge');
  });

  scenario('marks pairs and checkpoints in the explorer by icons of their own', async () => {
    assert.match(await workbench.fileIcon('grpo.threegate'), /fileIcons%2Fpair-dark\.svg/);
    await workbench.expand('base');
    assert.match(await workbench.fileIcon('model.safetensors'), /fileIcons%2Fcheckpoint-dark\.svg/);
    await workbench.screenshot('file-icons');
    await workbench.collapse('base');
  });

  scenario('swaps base and tuned as an edit that can be undone', async () => {
    await workbench.command('Three-Gate: Swap Base and Tuned');
    const panel = await Panel.shown(workbench);
    await panel.sidesAre('grpo/checkpoint-100 → base');
    await panel.complete();
    await workbench.command('File: Save');
    const saved = JSON.parse(readFileSync(join(workspace.path, 'grpo.threegate'), 'utf8')) as unknown;
    assert.deepEqual(saved, { base: 'grpo/checkpoint-100', tuned: 'base' });
    await workbench.command('Three-Gate: Swap Base and Tuned');
    await panel.headlineIs(/^In the range of published RLVR runs/);
    await workbench.command('File: Save');
  });

  scenario('exports the report', async () => {
    await workbench.command('Three-Gate: Export Report…');
    await workbench.pick('CSV');
    await workbench.acceptFile('three-gate-grpo-checkpoint-100.csv');
    await workbench.tab('.csv').waitFor();
    const csv = readFileSync(join(workspace.path, 'three-gate-grpo-checkpoint-100.csv'), 'utf8');
    assert.equal(csv.trimEnd().split('\n').length, 40);
    assert.match(csv, /model\.layers\.0\.self_attn\.q_proj\.weight/);
    await workbench.command('View: Close Editor');
  });

  scenario('opens as JSON and back', async () => {
    await workbench.command('Three-Gate: Open Pair as JSON');
    await workbench.page.locator('.view-lines', { hasText: '"tuned": "grpo/checkpoint-100"' }).waitFor();
    assert.match(await workbench.hover('tuned'), /The checkpoint after training\./);
    await workbench.page.keyboard.press('Escape');
    await workbench.screenshot('pair-as-json');
    await workbench.closeAllEditors();
  });

  scenario('says what is wrong with a pair file, by its key', async () => {
    await workbench.openPair('wrong.threegate');
    const panel = await Panel.shown(workbench);
    assert.match(
      await panel.banner('error'),
      /wrong\.threegate: options\.rank must be a whole number of at least 1/,
    );
    await workbench.screenshot('pair-wrong');
    await workbench.command('Three-Gate: Open Pair as JSON');
    await workbench.page.locator('.squiggly-warning').first().waitFor();
    await workbench.screenshot('pair-wrong-as-json');
    await workbench.closeAllEditors();
  });

  // The last: an editor may still be writing its settings when the theme has changed already.
  scenario('follows the colour theme of the window', async () => {
    await workbench.openPair('grpo.threegate');
    const panel = await Panel.shown(workbench);
    await panel.complete();
    await workbench.looks('pair');
    const cell = panel.frame.locator('.heat-cell').first();
    const dark = await cell.getAttribute('style');
    await workbench.inTheme('Light Modern', async () => {
      await panel.frame.locator('body.vscode-light').waitFor();
      await cell.and(panel.frame.locator(`:not([style="${dark}"])`)).waitFor();
    });
  });
});
