// A folder of shards as a panel that follows it, until it is whole.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { after, before, describe } from 'node:test';
import { Editor } from './support/editor.ts';
import { Panel } from './support/panel.ts';
import { scenarios } from './support/scenario.ts';
import type { Workbench } from './support/workbench.ts';
import { Workspace } from './support/workspace.ts';

const cli = resolve(import.meta.dirname, '../../dist/cli.cjs');

describe('a folder of shards', () => {
  const workspace = new Workspace();
  let editor: Editor;
  let workbench: Workbench;
  const scenario = scenarios(() => workbench);

  function measure(shard: string): void {
    const sides = [join(workspace.path, 'base'), join(workspace.path, 'grpo/checkpoint-100')];
    const flags = ['--shard', shard, '--out', join(workspace.path, 'shards'), '--no-cache', '--quiet'];
    execFileSync(process.execPath, [cli, 'analyze', ...sides, ...flags]);
  }

  before(async () => {
    measure('1/3');
    measure('3/3');
    const failed = { state: 'failed', host: 'node-7', job: '123_2', share: 0.4, message: 'Out of memory.' };
    workspace.write(
      'shards/shard-2-of-3.json',
      JSON.stringify({ ...failed, startedAt: new Date().toISOString() }),
    );
    workspace.write('shards/logs/shard-2.log', 'streaming model.layers.1\nslurmstepd: error: oom_kill\n');
    editor = await Editor.start();
    workbench = await editor.open(workspace.path);
  });

  after(async () => {
    await editor.stop();
    workspace.remove();
  });

  scenario('opens from the explorer, says what is missing, and becomes whole', async () => {
    await workbench.contextMenu(workbench.explorerRow('shards'), 'Open Shard Folder…');
    const panel = await Panel.shown(workbench);
    assert.match(await panel.banner('info'), /^2 of 3 shards are done, 1 failed\. Missing here: 2\./);
    await panel.frame.locator('.shard-failure pre', { hasText: 'slurmstepd: error: oom_kill' }).waitFor();
    await workbench.looks('shards-partial');
    measure('2/3');
    await panel.frame.locator('.banner.info', { hasText: 'All 3 shards are done.' }).waitFor();
    await panel.headlineIs(/^In the range of published RLVR runs/);
    assert.equal(await panel.frame.locator('.banner.warning').count(), 0);
    await workbench.looks('shards-whole');
    await workbench.closeAllEditors();
  });

  scenario('opens from a shard that is done', async () => {
    await workbench.expand('shards');
    await workbench.explorerRow('shard-1-of-3.results').dblclick();
    const panel = await Panel.shown(workbench);
    assert.match(await panel.banner('info'), /^All 3 shards are done\./);
    await workbench.closeAllEditors();
  });
});
