// The ways in from the explorer: two selected, a base first and compared with later; and only where there are weights.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe } from 'node:test';
import { Editor } from './support/editor.ts';
import { Panel } from './support/panel.ts';
import { scenarios } from './support/scenario.ts';
import type { Workbench } from './support/workbench.ts';
import { Workspace } from './support/workspace.ts';

describe('the explorer', () => {
  const workspace = new Workspace();
  let editor: Editor;
  let workbench: Workbench;
  const scenario = scenarios(() => workbench);

  before(async () => {
    workspace.write('notes/readme.txt', 'No weights here.');
    editor = await Editor.start();
    workbench = await editor.open(workspace.path);
  });

  after(async () => {
    await editor.stop();
    workspace.remove();
  });

  scenario('offers nothing on a folder without weights', async () => {
    await workbench.openContextMenuWith(workbench.explorerRow('base'), 'Select as Three-Gate Base');
    await workbench.page.keyboard.press('Escape');
    await workbench.openContextMenu(workbench.explorerRow('notes'));
    assert.equal(await workbench.menuEntry('Select as Three-Gate Base').count(), 0);
    await workbench.page.keyboard.press('Escape');
    await workbench.pointAway();
  });

  scenario('compares two selected folders, the first as base, without writing a file', async () => {
    const before = readdirSync(workspace.path);
    await workbench.explorerRow('sft').click();
    await workbench.explorerRow('base').click({ modifiers: ['ControlOrMeta'] });
    await workbench.openContextMenu(workbench.explorerRow('base'));
    await workbench.screenshot('explorer-menu');
    await workbench.chooseFromMenu('Compare Selected (Three-Gate)');
    const panel = await Panel.shown(workbench);
    assert.equal(await panel.sides(), 'sft → base');
    await panel.complete();
    assert.deepEqual(readdirSync(workspace.path), before);
  });

  scenario('swaps an ad-hoc comparison in place', async () => {
    await workbench.command('Three-Gate: Swap Base and Tuned');
    await workbench.tab('base → sft').waitFor();
    const panel = await Panel.shown(workbench);
    await panel.sidesAre('base → sft');
    assert.match(await panel.complete(), /supervised/i);
    assert.equal(await workbench.tab('sft → base').count(), 0);
    await workbench.screenshot('sft-dark');
  });

  scenario('keeps an ad-hoc comparison over a reload', async () => {
    await workbench.reload({ open: 'base → sft', gone: 'sft → base' });
    const panel = await Panel.shown(workbench);
    await panel.sidesAre('base → sft');
    assert.match(await panel.headline(), /supervised/i);
  });

  scenario('saves it as a file with relative paths', async () => {
    await workbench.command('Three-Gate: Save Comparison as File…');
    await workbench.acceptFile('base-sft.threegate');
    const target = join(workspace.path, 'base-sft.threegate');
    await workbench.tab('base-sft.threegate').waitFor();
    assert.ok(existsSync(target));
    assert.deepEqual(JSON.parse(readFileSync(target, 'utf8')), { base: 'base', tuned: 'sft' });
    await Panel.shown(workbench);
    await workbench.closeAllEditors();
  });

  scenario('compares a file with a base that was chosen before', async () => {
    // The two compared before are still selected.
    await workbench.explorerRow('notes').click();
    await workbench.contextMenu(workbench.explorerRow('base'), 'Select as Three-Gate Base');
    await workbench.expand('sft');
    const row = workbench.explorerRow('model.safetensors');
    await workbench.contextMenu(row, 'Compare with Three-Gate Base');
    const panel = await Panel.shown(workbench);
    assert.match(await panel.complete(), /supervised/i);
    assert.equal(await panel.sides(), 'base → sft');
  });

  scenario('shares one run between two editors on a pair', async () => {
    await workbench.command('View: Split Editor Right');
    const heads = workbench.page.locator('.editor-group-container');
    await heads.nth(1).waitFor();
    const engines = await editor.mostEnginesDuring(async () => {
      // Half a second may be all that it takes: whoever looked for it afterwards could miss it.
      const started = workbench.statusItem('Three-Gate').waitFor();
      await Promise.all([started, workbench.command('Three-Gate: Re-run')]);
      await (await Panel.shown(workbench)).complete();
    });
    assert.equal(engines, 1);
    await workbench.closeAllEditors();
  });
});
