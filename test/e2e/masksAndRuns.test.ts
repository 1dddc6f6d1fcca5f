// Export Trainable Mask… and Compare Runs… from the palette, to the file and the panel that they end in.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe } from 'node:test';
import { Editor } from './support/editor.ts';
import { scenarios } from './support/scenario.ts';
import type { Workbench } from './support/workbench.ts';
import { Workspace } from './support/workspace.ts';

/** What a slow machine under load may take. */
const longest = { timeout: 120_000 };

describe('masks and runs', () => {
  const workspace = new Workspace();
  let editor: Editor;
  let workbench: Workbench;
  const scenario = scenarios(() => workbench);

  before(async () => {
    cpSync(join(import.meta.dirname, '../fixtures/runs'), join(workspace.path, 'runs'), { recursive: true });
    editor = await Editor.start();
    workbench = await editor.open(workspace.path);
  });

  after(async () => {
    await editor.stop();
    workspace.remove();
  });

  scenario('exports the mask that the command line would', async () => {
    await workbench.command('Three-Gate: Export Trainable Mask…');
    await workbench
      .quickRows()
      .filter({ hasText: /802 K parameters/ })
      .first()
      .waitFor(longest);
    await workbench.screenshot('mask-base');
    await workbench.pick('base');
    await workbench.quickRows().filter({ hasText: 'M_low ∪ ¬M_princ' }).waitFor();
    await workbench.screenshot('mask-kind');
    await workbench.pick('rlvr');
    await workbench.acceptFile('base-rlvr-mask.safetensors');
    const toast = workbench.page.locator('.notification-toast', { hasText: 'weights in' });
    await toast.waitFor(longest);
    await workbench.screenshot('mask-done');
    assert.match(
      (await toast.textContent()) ?? '',
      /base-rlvr-mask\.safetensors: 70\.6 % of 801 K weights in 30 matrices are trainable; 9 tensors have no mask\./,
    );
    await toast.getByText('Show Tensors').click();
    const header = await workbench.webview('.table .row');
    assert.match(
      (await header.locator('.facts').textContent()) ?? '',
      /801 K parameters .* 30 tensors .* BOOL/,
    );
    await workbench.screenshot('mask-tensors');
    await workbench.closeAllEditors();
    const flags = ['dist/cli.cjs', 'mask', join(workspace.path, 'base'), '--quiet', '--out'];
    const reference = join(workspace.path, 'reference.safetensors');
    execFileSync(process.execPath, [...flags, reference]);
    const [made, expected] = [join(workspace.path, 'base-rlvr-mask.safetensors'), reference].map((path) =>
      readFileSync(path),
    );
    assert.ok(made?.equals(expected ?? Buffer.alloc(0)));
  });

  scenario('compares two runs in a panel', async () => {
    await workbench.command('Three-Gate: Compare Runs…');
    await workbench
      .quickRows()
      .filter({ hasText: /parameters/ })
      .first()
      .waitFor(longest);
    await workbench.quickInput().locator('input.input').fill('runs/base');
    await workbench.pick('base');
    await workbench.quickRows().filter({ hasText: 'over its checkpoints' }).first().waitFor(longest);
    assert.equal(await workbench.quickRows().filter({ hasText: 'BOOL' }).count(), 0);
    await check('rl-a');
    await check('rl-b');
    await workbench.screenshot('runs-picked');
    await workbench.quickInput().locator('.monaco-button', { hasText: 'OK' }).click();
    const page = await workbench.webview('.matrix', longest.timeout);
    const headline = page.locator('h1', {
      hasText: /The two runs overlap by 0\.862, .* random would by 0\.620/,
    });
    await headline.waitFor();
    await workbench.looks('runs-overlap');
    await page.locator('.overlap .chart').getByText('Copy data').click();
    await page.locator('.announcer', { hasText: 'Copied 3 rows.' }).waitFor();
    assert.match(await workbench.page.evaluate('navigator.clipboard.readText()'), /^runs\tweights\tshare/);
  });

  scenario('exports the comparison, and makes it again after a restart', async () => {
    const page = await workbench.webview('.matrix');
    await page.getByText('Export').click();
    await page.getByRole('menuitem', { name: 'Overlaps as CSV…' }).click();
    await workbench.acceptFile('three-gate-runs-of-base.csv');
    await workbench.tab('three-gate-runs-of-base.csv').waitFor();
    const csv = readFileSync(join(workspace.path, 'three-gate-runs-of-base.csv'), 'utf8');
    assert.match(csv, /^level,name,a,b,.*\r\nwhole,,rl-a,rl-b,/);
    await workbench.reload({ open: 'three-gate-runs-of-base.csv' });
    // Which tab is in front after a reload is the editor's own affair.
    await workbench.tab('Runs of base').click();
    const again = await workbench.webview('.matrix:visible', longest.timeout);
    await again.locator('h1', { hasText: 'The two runs overlap by 0.862' }).waitFor();
    await workbench.closeAllEditors();
  });

  scenario('follows one run over its checkpoints', async () => {
    await workbench.command('Three-Gate: Compare Runs…');
    await workbench
      .quickRows()
      .filter({ hasText: /parameters/ })
      .first()
      .waitFor(longest);
    await workbench.quickInput().locator('input.input').fill('runs/base');
    await workbench.pick('base');
    await workbench.quickRows().filter({ hasText: 'over its checkpoints' }).first().waitFor(longest);
    await check('rl-a');
    await workbench.quickInput().locator('.monaco-button', { hasText: 'OK' }).click();
    const page = await workbench.webview('.trajectory', longest.timeout);
    await page.locator('h1', { hasText: 'The verdict settles at step 200: published RLVR range' }).waitFor();
    assert.equal(await page.locator('.steps tbody tr', { hasText: 'anchored' }).count(), 4);
    // A chart for each number, and the stripes over the steps.
    assert.equal(await page.locator('.trajectory canvas:visible').count(), 6);
    await workbench.looks('runs-steps');
    await workbench.page.setViewportSize({ width: 700, height: 900 });
    await workbench.screenshot('runs-steps-narrow');
    await workbench.page.setViewportSize({ width: 1440, height: 900 });
    await workbench.closeAllEditors();
  });

  /** Ticks the run whose label is this in the quick pick of runs. */
  async function check(label: string): Promise<void> {
    await workbench.quickInput().locator('input.input').first().fill(label);
    const row = workbench.quickRows().filter({ hasText: 'over its checkpoints' }).filter({ hasText: label });
    await row.locator('input[type=checkbox], .monaco-custom-toggle').first().click();
    await workbench.quickInput().locator('input.input').first().fill('');
  }
});
