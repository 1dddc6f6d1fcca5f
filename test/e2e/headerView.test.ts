// A *.safetensors file opened as its header: tensors, shapes, problems, and quick however many there are.
import assert from 'node:assert/strict';
import { after, before, describe } from 'node:test';
import { Editor } from './support/editor.ts';
import { Panel } from './support/panel.ts';
import { manyTensors } from './support/syntheticCheckpoint.ts';
import { scenarios } from './support/scenario.ts';
import type { Workbench } from './support/workbench.ts';
import { Workspace } from './support/workspace.ts';

describe('the header view', () => {
  const workspace = new Workspace();
  let editor: Editor;
  let workbench: Workbench;
  const scenario = scenarios(() => workbench);

  before(async () => {
    workspace.write('many/model.safetensors', manyTensors(100_000));
    workspace.write('broken/model.safetensors', Buffer.from('<!doctype html><html>Not here</html>'));
    editor = await Editor.start();
    workbench = await editor.open(workspace.path);
  });

  after(async () => {
    await editor.stop();
    workspace.remove();
  });

  async function openHeader(folder: string): Promise<void> {
    await workbench.expand(folder);
    await workbench.contextMenu(workbench.explorerRow('model.safetensors'), 'Open With...');
    await workbench.pick('Safetensors Header (Three-Gate)');
  }

  scenario('shows the tensors of a checkpoint as a tree', async () => {
    await openHeader('base');
    const page = await workbench.webview('.table');
    assert.match(
      (await page.locator('.facts').textContent()) ?? '',
      /802 K parameters .* 39 tensors .* BF16/,
    );
    const row = page.locator('.spacer .row', { hasText: 'embed_tokens.weight' });
    assert.match((await row.textContent()) ?? '', /40 × 128BF16/);
    await workbench.looks('header');
    await page.locator('.filter').fill('layers.3 q_proj');
    assert.equal(await page.locator('.spacer .row').count(), 1);
    await workbench.screenshot('header-filter');
    await workbench.closeAllEditors();
    await workbench.collapse('base');
  });

  scenario('shows 100,000 tensors by drawing those in view', async () => {
    await openHeader('many');
    const page = await workbench.webview('.table');
    assert.match((await page.locator('.facts').textContent()) ?? '', /100,000 tensors/);
    await page.locator('.spacer .row').first().click();
    await page.locator('.filter').fill('experts');
    await page.locator('.rows').press('End');
    await page.locator('.row.focused', { hasText: 'model.layers.99.mlp.experts.999.scale' }).waitFor();
    assert.ok((await page.locator('.spacer .row').count()) < 100);
    await workbench.closeAllEditors();
    await workbench.collapse('many');
  });

  scenario('says what is wrong with a file that is no checkpoint', async () => {
    await openHeader('broken');
    const page = await workbench.webview('.problems');
    assert.match((await page.locator('.problems').textContent()) ?? '', /is a web page/);
    await workbench.screenshot('header-broken');
    await workbench.closeAllEditors();
    await workbench.collapse('broken');
  });

  scenario('leads to a comparison', async () => {
    await openHeader('sft');
    const page = await workbench.webview('.table');
    await page.locator('.compare').click();
    await workbench.pick('base');
    const panel = await Panel.shown(workbench);
    assert.match(await panel.complete(), /supervised/i);
  });
});
