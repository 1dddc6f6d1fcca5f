// Restricted Mode: reading weights is safe, so everything works before the workspace is trusted.
import assert from 'node:assert/strict';
import { after, before, describe } from 'node:test';
import { Editor } from './support/editor.ts';
import { Panel } from './support/panel.ts';
import { scenarios } from './support/scenario.ts';
import type { Workbench } from './support/workbench.ts';
import { Workspace } from './support/workspace.ts';

describe('in Restricted Mode', () => {
  const workspace = new Workspace();
  let editor: Editor;
  let workbench: Workbench;
  const scenario = scenarios(() => workbench);

  before(async () => {
    workspace.write('grpo.threegate', JSON.stringify({ base: 'base', tuned: 'grpo/checkpoint-100' }));
    editor = await Editor.start({ trust: false });
    workbench = await editor.open(workspace.path);
  });

  after(async () => {
    await editor.stop();
    workspace.remove();
  });

  scenario('the workspace is not trusted, and a pair is analysed all the same', async () => {
    await workbench.page.locator('.part.banner', { hasText: 'Restricted Mode' }).waitFor();
    await workbench.openPair('grpo.threegate');
    const panel = await Panel.shown(workbench);
    assert.match(await panel.complete(), /published RLVR runs/);
    await workbench.screenshot('restricted');
  });
});
