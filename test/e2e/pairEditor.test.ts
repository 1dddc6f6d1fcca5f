// A pair file opens as the panel.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Editor } from './support/editor.ts';
import type { Workbench } from './support/workbench.ts';
import { Workspace } from './support/workspace.ts';

describe('the pair editor', () => {
  const workspace = new Workspace();
  let editor: Editor;
  let workbench: Workbench;

  before(async () => {
    workspace.write(
      'grpo.threegate',
      JSON.stringify({ base: 'base', tuned: 'grpo/checkpoint-100' }, null, 2),
    );
    editor = await Editor.start();
    workbench = await editor.open(workspace.path);
  });

  after(async () => {
    await editor.stop();
    workspace.remove();
  });

  it('opens a .threegate file', async () => {
    await workbench.explorerRow('grpo.threegate').dblclick();
    const panel = await workbench.webview('#app[data-report]');
    assert.equal(await panel.title(), 'Three-Gate');
    await new Promise((r) => setTimeout(r, 15000));
    await workbench.screenshot('pair-editor');
  });
});
