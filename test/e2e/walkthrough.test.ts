// The walkthrough: every step has its picture, does what its button says and counts as done then; the last is the user's own pair.
import assert from 'node:assert/strict';
import { after, before, describe } from 'node:test';
import { Editor } from './support/editor.ts';
import { Panel } from './support/panel.ts';
import { scenarios } from './support/scenario.ts';
import { Walkthrough } from './support/walkthrough.ts';
import type { Workbench } from './support/workbench.ts';
import { Workspace } from './support/workspace.ts';

/** Longest that two analyses of the fixtures may take on a slow machine. */
const longest = 120_000;

describe('the walkthrough', () => {
  const workspace = new Workspace();
  let editor: Editor;
  let workbench: Workbench;
  const scenario = scenarios(() => workbench);

  before(async () => {
    editor = await Editor.start();
    workbench = await editor.open(workspace.path);
  });

  after(async () => {
    await editor.stop();
    workspace.remove();
  });

  /** Takes a step: its picture, its button, and that it counts as done once the effect was seen. */
  async function take(
    step: string,
    picture: string,
    button: string,
    seen: () => Promise<void>,
  ): Promise<void> {
    const walkthrough = await Walkthrough.open(workbench);
    assert.notEqual(await walkthrough.unfold(step, `${picture}-dark.png`), 0);
    await workbench.screenshot(`walkthrough-${picture}`);
    await walkthrough.press(step, button);
    await seen();
    await (await Walkthrough.open(workbench)).untilDone(step);
  }

  scenario('opens, and ends with the own pair', async () => {
    const walkthrough = await Walkthrough.open(workbench);
    assert.deepEqual(await walkthrough.titles(), [
      'Open the demo pair',
      'Put two runs side by side',
      'See it where you write configs',
      'Find it in the explorer',
      'Compare your own pair',
    ]);
  });

  scenario('opens the demo pair', async () => {
    await take('Open the demo pair', 'demo', 'Open the Demo Pair', async () => {
      assert.match(await (await Panel.shown(workbench)).complete(), /published RLVR runs/u);
    });
  });

  scenario('opens the two demo runs side by side', async () => {
    await take('Put two runs side by side', 'sideBySide', 'Open the Demo Runs Side by Side', async () => {
      const page = await workbench.webview('.compare-table .row', longest);
      await page.locator('h1', { hasText: 'The 2 checkpoints have 2 verdicts' }).waitFor();
    });
  });

  scenario('opens the setting of hovers', async () => {
    await take('See it where you write configs', 'hover', 'Hover Settings', async () => {
      const setting = workbench.page.locator('.setting-item-contents', { hasText: 'Hovers' }).first();
      await setting.waitFor();
      // The settings lie over the window, and nothing else opens before they are closed.
      await workbench.page.keyboard.press('Escape');
      await setting.waitFor({ state: 'hidden' });
    });
  });

  scenario('shows the explorer', async () => {
    await workbench.command('View: Show Search');
    await workbench.explorerRow('base').waitFor({ state: 'hidden' });
    await take('Find it in the explorer', 'explorer', 'Show the Explorer', async () => {
      await workbench.explorerRow('base').waitFor();
    });
  });

  scenario('leads to a pair of the workspace', async () => {
    await take('Compare your own pair', 'palette', 'Analyze Checkpoint Pair…', async () => {
      await workbench.pick('sft');
      await workbench.pick('base');
      const panel = await Panel.shown(workbench);
      assert.match(await panel.complete(), /supervised/iu);
      assert.equal(await panel.sides(), 'base → sft');
    });
    await workbench.closeAllEditors();
  });
});
