// What lies elsewhere, read from a double of the Hub on loopback: asked for once, never by a hover, and equal to what lies here.
import assert from 'node:assert/strict';
import { cpSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe } from 'node:test';
import { HubDouble } from '../support/hubDouble.ts';
import { Editor } from './support/editor.ts';
import { Panel } from './support/panel.ts';
import { scenarios } from './support/scenario.ts';
import { brokenShards, manyTensors } from './support/syntheticCheckpoint.ts';
import type { Workbench } from './support/workbench.ts';
import { Workspace } from './support/workspace.ts';

const token = 'hf_of_an_end_to_end_test';

describe('what lies elsewhere', () => {
  const workspace = new Workspace();
  let hub: HubDouble;
  let editor: Editor;
  let workbench: Workbench;
  const scenario = scenarios(() => workbench);

  before(async () => {
    workspace.write('many/model.safetensors', manyTensors(100_000));
    workspace.write('README.md', '---\nbase_model: far/base\n---\n\nbase_model: far/run\n');
    workspace.write('recipe-grpo.yaml', 'model_name_or_path: far/base\noutput_dir: far/away\n');
    cpSync(join(workspace.path, 'grpo/checkpoint-100'), join(workspace.path, 'mine'), { recursive: true });
    workspace.write('mine/config.json', configNaming(workspace, 'far/base'));
    for (const [name, content] of brokenShards()) workspace.write(`cut/${name}`, content);
    editor = await Editor.start();
    hub = await HubDouble.start(editor.hubPort);
    hub.add('far/tuned', join(workspace.path, 'mine'));
    hub.add('far/cut', join(workspace.path, 'cut'));
    hub.add('far/base', join(workspace.path, 'base'));
    hub.add('far/run', join(workspace.path, 'grpo/checkpoint-100'));
    hub.add('far/many', join(workspace.path, 'many'));
    workbench = await editor.open(workspace.path);
  });

  after(async () => {
    await editor.stop();
    await hub.close();
    workspace.remove();
  });

  scenario('a hover names it and offers two ways on, and nothing is read', async () => {
    await workbench.explorerRow('recipe-grpo.yaml').dblclick();
    const text = await workbench.hover('far/base');
    assert.match(text, /far\/base.*not on this machine.*Open header \(remote\).*Compare with…/s);
    await workbench.looksOfHover('remote-hover', 'far/base');
    await workbench.untilNoHover('far/away');
    await workbench.closeAllEditors();
    await workbench.explorerRow('README.md').dblclick();
    assert.match(await workbench.hover('far/base'), /not on this machine/);
    await workbench.untilNoHover('far/run');
    assert.deepEqual(hub.requests, []);
    await workbench.closeAllEditors();
    await workbench.explorerRow('recipe-grpo.yaml').dblclick();
  });

  scenario('what was not allowed is not read, and says what to do', async () => {
    await workbench.hover('far/base');
    await workbench.page.locator('.monaco-hover:visible a', { hasText: 'Open header (remote)' }).click();
    await workbench.dialog().waitFor();
    await workbench.screenshot('remote-dialog-dark');
    await workbench.answer('Cancel');
    await workbench.notification(/Reading hf:\/\/far\/base was not allowed/);
    await workbench.screenshot('remote-refused');
    assert.deepEqual(hub.requests, []);
  });

  scenario('the hover opens its header after one question', async () => {
    await workbench.hover('far/base');
    await workbench.page.locator('.monaco-hover:visible a', { hasText: 'Open header (remote)' }).click();
    assert.match(await workbench.answer('Allow'), /hf:\/\/far\/base.*127\.0\.0\.1/s);
    const page = await workbench.webview('.table');
    assert.match((await page.locator('.facts').textContent()) ?? '', /802 K parameters .* 39 tensors/);
    await workbench.looks('remote-header');
    assert.ok(hub.bytesSent < 100_000, `${hub.bytesSent} bytes for a header`);
    await workbench.closeAllEditors();
  });

  scenario('a typed model id makes a pair with the verdict of the local one', async () => {
    const local = await verdict('grpo/checkpoint-100', 'base');
    await workbench.command('Three-Gate: Analyze Checkpoint Pair…');
    await workbench.type('far/run');
    await workbench.quickRows().filter({ hasText: 'hf://far/run@main' }).waitFor();
    await workbench.screenshot('remote-palette');
    await chooseTyped('far/run');
    await workbench.answer('Allow');
    await workbench.quickRows().filter({ hasText: 'Browse…' }).waitFor();
    await chooseTyped('far/base');
    const panel = await Panel.shown(workbench);
    const headline = await panel.complete();
    assert.deepEqual([headline, ...(await panel.words())], local);
    assert.equal(await panel.sides(), 'far/base → far/run');
    await workbench.looks('remote-panel');
    await workbench.closeAllEditors();
  });

  scenario('a base that is named, and not here, is offered where the Hub has it', async () => {
    await workbench.command('Three-Gate: Analyze Checkpoint Pair…');
    await workbench.pick('mine');
    const first = workbench.quickRows().first();
    await first.filter({ hasText: 'named in config.json, on the Hub' }).waitFor();
    assert.match((await first.textContent()) ?? '', /far\/base.*hf:\/\/far\/base@main/);
    await workbench.screenshot('remote-named');
    await workbench.page.keyboard.press('Escape');
    await workbench.quickInput().waitFor({ state: 'hidden' });
  });

  scenario('a remote checkpoint names its base itself', async () => {
    await openHeader('far/tuned');
    await workbench.answer('Allow');
    const page = await workbench.webview('.table');
    await page.locator('.compare').click();
    await workbench.quickRows().filter({ hasText: 'named in config.json, on the Hub' }).click();
    const panel = await Panel.shown(workbench);
    assert.match(await panel.complete(), /published RLVR runs/);
    assert.equal(await panel.sides(), 'far/base → far/tuned');
    await workbench.closeAllEditors();
  });

  scenario('of several files one is chosen, or all of them', async () => {
    await openHeader('far/cut');
    await workbench.answer('Allow');
    await workbench.quickRows().filter({ hasText: 'model-00002-of-00002.safetensors' }).waitFor();
    await workbench.screenshot('remote-files');
    await workbench.pick('model-00002-of-00002.safetensors');
    const broken = await workbench.webview('.failure, .problems');
    assert.match((await broken.locator('.problems').textContent()) ?? '', /model-00002-of-00002/);
    await workbench.screenshot('remote-header-broken');
    await workbench.closeAllEditors();
    await openHeader('far/cut');
    await workbench.quickRows().filter({ hasText: '2 files' }).click();
    const whole = await workbench.webview('.table');
    assert.match((await whole.locator('.facts').textContent()) ?? '', /1 tensors|2 tensors/);
    await workbench.closeAllEditors();
  });

  scenario('a header of 100,000 tensors is there, also after a reload', async () => {
    await openHeader('far/many');
    await workbench.answer('Allow');
    const page = await workbench.webview('.table');
    assert.match((await page.locator('.facts').textContent()) ?? '', /100,000 tensors/);
    await workbench.reload({ open: 'far∕many' });
    const again = await workbench.webview('.table');
    assert.match(
      (await again.locator('.facts').textContent()) ?? '',
      /100,000 tensors.*hf:\/\/far\/many@main/,
    );
    await workbench.closeAllEditors();
  });

  scenario('a token is asked for where it is needed, and only the Hub sees it', async () => {
    hub.token = token;
    await openHeader('far/base');
    await (
      await workbench.notification(/may not be read/)
    )
      .locator('.monaco-button', { hasText: 'Set Token…' })
      .click();
    await workbench.quickInput().locator('input[type="password"]').waitFor();
    await workbench.screenshot('remote-token');
    await workbench.type(token);
    await workbench.page.keyboard.press('Enter');
    await workbench.quickInput().waitFor({ state: 'hidden' });
    await openHeader('far/base');
    await workbench.webview('.table');
    assert.ok(hub.tokensSeen.length > 0);
    const host = new URL(hub.endpoint).host;
    assert.deepEqual(
      hub.tokensSeen.filter((place) => !place.startsWith(host)),
      [],
    );
    assert.deepEqual(filesHolding(editor.home, token), []);
    await workbench.closeAllEditors();
  });

  scenario('a token that was removed is shown to nobody, and the page says what to do', async () => {
    await openHeader('far/base');
    await workbench.webview('.table');
    await workbench.command('Three-Gate: Remove Hugging Face Token');
    await workbench.statusItem('The Hugging Face token is removed.').waitFor();
    hub.tokensSeen.length = 0;
    await workbench.reload({ open: 'far∕base' });
    const page = await workbench.webview('.failure');
    assert.match(
      (await page.locator('.problems').textContent()) ?? '',
      /hf:\/\/far\/base@main may not be read/,
    );
    await workbench.looks('remote-denied');
    assert.deepEqual(hub.tokensSeen, []);
    hub.token = null;
    await page.locator('button', { hasText: 'Try again' }).click();
    await workbench.webview('.table');
    await workbench.closeAllEditors();
  });

  scenario('what was allowed is listed, and taken back', async () => {
    await workbench.command('Three-Gate: Manage Allowed Remote Places…');
    await workbench.quickRows().filter({ hasText: 'hf://far/base' }).locator('.monaco-checkbox').click();
    await workbench.screenshot('remote-places');
    await workbench.quickInput().locator('.monaco-button', { hasText: 'OK' }).click();
    await workbench.quickInput().waitFor({ state: 'hidden' });
    await openHeader('far/base');
    await workbench.answer('Cancel');
    await workbench.notification(/Reading hf:\/\/far\/base was not allowed/);
  });

  async function openHeader(model: string): Promise<void> {
    await workbench.command('Three-Gate: Open Header…');
    await workbench.quickRows().filter({ hasText: 'Browse…' }).waitFor();
    await workbench.type(model);
    await workbench
      .quickRows()
      .filter({ hasText: `hf://${model}@main` })
      .click();
  }

  /** By the keyboard: rows move while what lies here is still being described. */
  async function chooseTyped(model: string): Promise<void> {
    await workbench.type(model);
    await workbench.page
      .locator('.quick-input-list .monaco-list-row.focused', { hasText: `hf://${model}@main` })
      .waitFor();
    await workbench.page.keyboard.press('Enter');
  }

  async function verdict(tuned: string, base: string): Promise<string[]> {
    await workbench.command('Three-Gate: Analyze Checkpoint Pair…');
    await workbench.pick(tuned);
    await workbench.quickRows().filter({ hasText: 'named in config.json' }).waitFor();
    await workbench.pick(base);
    const panel = await Panel.shown(workbench);
    const found = [await panel.complete(), ...(await panel.words())];
    await workbench.closeAllEditors();
    return found;
  }
});

/** Its config, with another base. */
function configNaming(workspace: Workspace, base: string): string {
  const config = JSON.parse(readFileSync(join(workspace.path, 'mine/config.json'), 'utf8')) as object;
  return JSON.stringify({ ...config, _name_or_path: base });
}

/** Files below a folder that hold a text. */
function filesHolding(folder: string, text: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile() && readFileSync(path).includes(text));
}
