// Restricted Mode: reading weights is safe, so everything works before the workspace is trusted, and nothing
// that lies elsewhere is read.
import assert from 'node:assert/strict';
import { after, before, describe } from 'node:test';
import { HubDouble } from '../support/hubDouble.ts';
import { Editor } from './support/editor.ts';
import { Panel } from './support/panel.ts';
import { scenarios } from './support/scenario.ts';
import type { Workbench } from './support/workbench.ts';
import { Workspace } from './support/workspace.ts';

describe('in Restricted Mode', () => {
  const workspace = new Workspace();
  let hub: HubDouble;
  let editor: Editor;
  let workbench: Workbench;
  const scenario = scenarios(() => workbench);

  before(async () => {
    workspace.write('grpo.threegate', JSON.stringify({ base: 'base', tuned: 'grpo/checkpoint-100' }));
    workspace.write('far.threegate', JSON.stringify({ base: 'hf://far/base', tuned: 'hf://far/run' }));
    editor = await Editor.start({ trust: false });
    hub = await HubDouble.start(editor.hubPort);
    workbench = await editor.open(workspace.path);
  });

  after(async () => {
    await editor.stop();
    await hub.close();
    workspace.remove();
  });

  scenario('the workspace is not trusted, and a pair is analysed all the same', async () => {
    await workbench.page.locator('.part.banner', { hasText: 'Restricted Mode' }).waitFor();
    await workbench.openPair('grpo.threegate');
    const panel = await Panel.shown(workbench);
    assert.match(await panel.complete(), /published RLVR runs/);
    await workbench.screenshot('restricted');
    await workbench.closeAllEditors();
  });

  scenario('nothing that lies elsewhere is read, and the panel says so', async () => {
    await workbench.openPair('far.threegate');
    const panel = await Panel.shown(workbench);
    assert.match(
      await panel.banner('error'),
      /hf:\/\/far\/base and hf:\/\/far\/run needs a trusted workspace/,
    );
    await workbench.screenshot('restricted-remote');
    assert.deepEqual(hub.requests, []);
  });
});
