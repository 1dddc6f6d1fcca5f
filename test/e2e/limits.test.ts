// Limits of a pair in its panel, and report files as panels, beside each other too.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { after, before, describe } from 'node:test';
import { Editor } from './support/editor.ts';
import { Panel } from './support/panel.ts';
import { scenarios } from './support/scenario.ts';
import type { Workbench } from './support/workbench.ts';
import { Workspace } from './support/workspace.ts';

const cli = resolve(import.meta.dirname, '../../dist/cli.cjs');

describe('limits and reports', () => {
  const workspace = new Workspace();
  let editor: Editor;
  let workbench: Workbench;
  const scenario = scenarios(() => workbench);
  const q0 = 'model.layers.0.self_attn.q_proj.weight';

  /** Writes the report of a pair as the command line does. */
  function report(tuned: string, file: string): void {
    const sides = [join(workspace.path, 'base'), join(workspace.path, tuned)];
    const flags = ['--no-cache', '--quiet', '--json', join(workspace.path, file)];
    execFileSync(process.execPath, [cli, 'analyze', ...sides, ...flags]);
  }

  function writeGuarded(limit: string): void {
    const sides = ['"base": "base",', '"tuned": "grpo/checkpoint-100",'];
    const limits = ['"regime is not sft-range",', JSON.stringify({ 'layers\\.0.*q_proj': limit })];
    workspace.write('guarded.threegate', ['{', ...sides, '"limits": [', ...limits, ']', '}'].join('\n'));
  }

  before(async () => {
    writeGuarded('sparsityBf16 >= 90 %');
    report('grpo/checkpoint-100', 'grpo.threegate.json');
    report('sft', 'sft.threegate.json');
    const newer = JSON.parse(readFileSync(join(workspace.path, 'sft.threegate.json'), 'utf8')) as object;
    workspace.write('newer.threegate.json', JSON.stringify({ ...newer, schemaVersion: 99 }));
    editor = await Editor.start();
    workbench = await editor.open(workspace.path);
  });

  after(async () => {
    await editor.stop();
    workspace.remove();
  });

  scenario('shows a broken limit first, and leads to its place', async () => {
    await workbench.openPair('guarded.threegate');
    const panel = await Panel.shown(workbench);
    await panel.complete();
    const limits = panel.frame.locator('.limits');
    await limits.locator('h2', { hasText: '1 of 2 limits is broken' }).waitFor();
    const first = await limits.locator('li').first().textContent();
    assert.match(
      first ?? '',
      /^layers\\\.0\.\*q_proj: sparsityBf16 >= 90 %46\.7 %asked for ≥ 90 %model\.layers/,
    );
    await limits.locator('button', { hasText: q0 }).click();
    const row = panel.frame.locator('.row.tensor[aria-selected=true]');
    await row.waitFor();
    assert.match((await row.textContent()) ?? '', /breaks a limit: .*q_proj/);
    await workbench.looks('limits');
    await workbench.closeAllEditors();
  });

  scenario('marks a broken limit in the pair file, until it holds', async () => {
    await workbench.openPair('guarded.threegate');
    const panel = await Panel.shown(workbench);
    await panel.complete();
    await workbench.command('View: Focus Problems');
    const marker = workbench.page.locator('.markers-panel .monaco-list-row', {
      hasText: /sparsityBf16 is 46\.7 % in .*and was to be ≥ 90 %/,
    });
    await marker.waitFor();
    assert.match((await marker.textContent()) ?? '', /Three-Gate.*limit.*\[Ln 6, Col 2\]/);
    await workbench.screenshot('limits-problems');
    writeGuarded('sparsityBf16 >= 40 %');
    await marker.waitFor({ state: 'detached' });
    await panel.frame.locator('.limits h2', { hasText: 'all 2 limits hold' }).waitFor();
    await workbench.command('View: Toggle Problems');
    await workbench.closeAllEditors();
  });

  scenario('opens a report file as a panel, and another one beside it', async () => {
    await workbench.explorerRow('grpo.threegate.json').dblclick();
    const panel = await Panel.shown(workbench);
    assert.match(await panel.headline(), /^In the range of published RLVR runs/);
    assert.equal(await panel.button('Analyse again').count(), 0);
    await panel.button('Compare with another report…').click();
    await workbench.acceptPath(join(workspace.path, 'sft.threegate.json'));
    const compared = panel.frame.locator('.compared');
    await compared.locator('h2', { hasText: 'Beside sft.threegate.json' }).waitFor();
    const regime = compared.locator('tr', { hasText: 'published range' }).first();
    assert.match((await regime.textContent()) ?? '', /rlvr-rangesft-range$/);
    await workbench.looks('report');
    await workbench.closeAllEditors();
  });

  scenario('says which version a report of a newer one has', async () => {
    await workbench.explorerRow('newer.threegate.json').dblclick();
    const frame = await workbench.webview('.banner.error');
    assert.match(
      (await frame.locator('.banner.error').textContent()) ?? '',
      /newer\.threegate\.json is a report of schema version 99, and this Three-Gate reads version 2: update Three-Gate\./,
    );
    await workbench.screenshot('report-newer');
    await workbench.closeAllEditors();
  });
});
