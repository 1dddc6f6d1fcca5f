// Hovers over checkpoint paths, model ids and weight names, and the setting that turns them off.
import assert from 'node:assert/strict';
import { after, before, describe } from 'node:test';
import { Editor } from './support/editor.ts';
import { Panel } from './support/panel.ts';
import { scenarios } from './support/scenario.ts';
import type { Workbench } from './support/workbench.ts';
import { Workspace } from './support/workspace.ts';

describe('hovers', () => {
  const workspace = new Workspace();
  let editor: Editor;
  let workbench: Workbench;
  const scenario = scenarios(() => workbench);

  before(async () => {
    workspace.write('run.yaml', 'model_name_or_path: base\nresume: grpo/checkpoint-100\nseed: 1\n');
    const index = { metadata: {}, weight_map: { 'model.norm.weight': 'model.safetensors' } };
    workspace.write('sft/model.safetensors.index.json', JSON.stringify(index, null, 2));
    workspace.write('sft.threegate', JSON.stringify({ base: 'base', tuned: 'sft' }));
    editor = await Editor.start();
    workbench = await editor.open(workspace.path);
  });

  after(async () => {
    await editor.stop();
    workspace.remove();
  });

  scenario('say what a checkpoint is', async () => {
    await workbench.explorerRow('run.yaml').dblclick();
    const text = await workbench.hover('checkpoint-100');
    assert.match(text, /grpo\/checkpoint-100.*802 K parameters.*Compare with…/s);
    await workbench.screenshot('hover-plain');
    await workbench.page.keyboard.press('Escape');
  });

  scenario('open the comparison from their link', async () => {
    await workbench.hover('checkpoint-100');
    await workbench.page.locator('.monaco-hover:visible a', { hasText: 'Compare with…' }).click();
    await workbench.pick('base');
    await (await Panel.shown(workbench)).complete();
    await workbench.command('View: Close Editor');
  });

  scenario('give the three verdicts once it is analysed', async () => {
    const text = await workbench.hover('checkpoint-100');
    assert.match(
      text,
      /In the range of published RLVR runs.*anchored.*off-principal.*masked.*Open the comparison with base/s,
    );
    await workbench.screenshot('hover-verdicts');
    await workbench.page.keyboard.press('Escape');
  });

  scenario('give shape, dtype and shard of a weight in an index', async () => {
    await workbench.expand('sft');
    await workbench.explorerRow('model.safetensors.index.json').dblclick();
    const text = await workbench.hover('model.norm.weight');
    assert.match(text, /128.*BF16.*model\.safetensors/s);
    await workbench.screenshot('hover-weight');
    await workbench.closeAllEditors();
  });

  scenario('stay away when the setting is off', async () => {
    workspace.write('.vscode/settings.json', JSON.stringify({ 'threeGate.hovers': false }));
    await workbench.explorerRow('run.yaml').dblclick();
    // The editor hears of the file in its own time.
    await workbench.untilNoHover('checkpoint-100');
    await workbench.closeAllEditors();
  });
});
