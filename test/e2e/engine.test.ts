// What goes wrong while an analysis runs: cancelled in the middle, the engine killed from outside, a broken shard.
import assert from 'node:assert/strict';
import { after, before, describe } from 'node:test';
import { Editor } from './support/editor.ts';
import { Panel } from './support/panel.ts';
import { brokenShards, heavyPair } from './support/syntheticCheckpoint.ts';
import { scenarios } from './support/scenario.ts';
import type { Workbench } from './support/workbench.ts';
import { Workspace } from './support/workspace.ts';

describe('a running analysis', () => {
  const workspace = new Workspace();
  let editor: Editor;
  let workbench: Workbench;
  const scenario = scenarios(() => workbench);

  before(async () => {
    const { base, tuned } = heavyPair();
    workspace.write('heavy/base/model.safetensors', base);
    workspace.write('heavy/tuned/model.safetensors', tuned);
    workspace.write('heavy.threegate', JSON.stringify({ base: 'heavy/base', tuned: 'heavy/tuned' }));
    for (const [name, content] of brokenShards()) workspace.write(`shards/${name}`, content);
    workspace.write('shards.threegate', JSON.stringify({ base: 'shards', tuned: 'shards' }));
    editor = await Editor.start();
    workbench = await editor.open(workspace.path);
  });

  after(async () => {
    await editor.stop();
    workspace.remove();
  });

  scenario('is cancelled at once and keeps what was measured', async () => {
    await workbench.openPair('heavy.threegate');
    const panel = await Panel.shown(workbench);
    await panel.frame.locator('.bar:visible').waitFor();
    await workbench.statusItem('Three-Gate').waitFor();
    await workbench.screenshot('running');
    await workbench.command('Three-Gate: Cancel');
    assert.match(await panel.banner('info'), /Cancelled/);
    await workbench.statusItem('Three-Gate').waitFor({ state: 'hidden' });
    await editor.untilNoEngine();
  });

  scenario('says so when the engine is killed, and goes on with WebAssembly', async () => {
    const panel = await Panel.shown(workbench);
    await panel.button('Resume').click();
    const [pid] = await editor.untilEngine();
    process.kill(pid, 'SIGKILL');
    assert.match(await panel.banner('error'), /engine process was killed by SIGKILL/);
    await workbench.screenshot('engine-killed');
    await panel.button('Try with WebAssembly').click();
    await editor.untilEngine();
    await workbench.statusItem('Three-Gate').waitFor();
    await workbench.command('Three-Gate: Cancel');
    await workbench.closeAllEditors();
    await editor.untilNoEngine();
  });

  scenario('reports the tensors of a broken shard and compares the rest', async () => {
    await workbench.openPair('shards.threegate');
    const panel = await Panel.shown(workbench);
    await panel.complete();
    assert.match(await panel.banner('warning'), /could not be compared/);
    await workbench.screenshot('broken-shard');
    await workbench.closeAllEditors();
  });
});
