// Analyze Checkpoint Pair… from the palette: what there is, what each is, and the named base on top.
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe } from 'node:test';
import { Editor } from './support/editor.ts';
import { Panel } from './support/panel.ts';
import { scenarios } from './support/scenario.ts';
import type { Workbench } from './support/workbench.ts';
import { Workspace } from './support/workspace.ts';

describe('the palette', () => {
  const workspace = new Workspace();
  let editor: Editor;
  let workbench: Workbench;
  const scenario = scenarios(() => workbench);

  before(async () => {
    editor = await Editor.start();
    const commit = 'a'.repeat(40);
    const repository = join(editor.modelCache, 'models--acme--nano');
    cpSync(join(workspace.path, 'base'), join(repository, 'snapshots', commit), { recursive: true });
    mkdirSync(join(repository, 'refs'), { recursive: true });
    writeFileSync(join(repository, 'refs/main'), commit);
    workbench = await editor.open(workspace.path);
  });

  after(async () => {
    await editor.stop();
    workspace.remove();
  });

  scenario('offers checkpoints of the workspace and the cache, with size, dtype and step', async () => {
    await workbench.command('Three-Gate: Analyze Checkpoint Pair…');
    const tuned = workbench.quickRows().filter({ hasText: 'grpo/checkpoint-100' });
    await tuned.filter({ hasText: /802 K parameters · BF16 · 1\.61 MB · step 100/ }).waitFor();
    await workbench.quickRows().filter({ hasText: 'acme/nano' }).waitFor();
    await workbench.screenshot('palette-tuned');
  });

  scenario('puts the base that the checkpoint names on top', async () => {
    await workbench.pick('grpo/checkpoint-100');
    const first = workbench.quickRows().first();
    await first.filter({ hasText: 'named in config.json' }).waitFor();
    assert.match((await first.textContent()) ?? '', /base/);
    await workbench.screenshot('palette-base');
    await workbench.page.keyboard.press('Enter');
    const panel = await Panel.shown(workbench);
    assert.match(await panel.complete(), /published RLVR runs/);
    assert.equal(await panel.sides(), 'base → grpo/checkpoint-100');
    await workbench.closeAllEditors();
  });

  scenario('disables what needs a pair in front', async () => {
    const swap = workbench.quickRows().filter({ hasText: 'Swap Base and Tuned' });
    let offered = 1;
    // The pair of the scenario before is just closing, and what it allowed goes a moment later.
    for (let attempt = 0; attempt < 20 && offered > 0; attempt += 1) {
      await workbench.page.waitForTimeout(100 * attempt);
      await workbench.openPalette('>Three-Gate: Swap');
      await workbench.quickRows().first().waitFor();
      offered = await swap.count();
      await workbench.page.keyboard.press('Escape');
    }
    assert.equal(offered, 0);
  });

  scenario('clears the cache', async () => {
    await workbench.command('Three-Gate: Clear Cache');
    await workbench.page.locator('.notification-toast', { hasText: /cache cleared: .* freed/ }).waitFor();
  });
});
