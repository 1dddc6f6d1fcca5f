// Every control of the panel, used once in the real editor on a real analysis, and what survives a tab switch and a reload.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe } from 'node:test';
import type { Locator } from 'playwright-core';
import { Editor } from './support/editor.ts';
import { Panel } from './support/panel.ts';
import { scenarios } from './support/scenario.ts';
import { manyTensors } from './support/syntheticCheckpoint.ts';
import type { Workbench } from './support/workbench.ts';
import { Workspace } from './support/workspace.ts';

const down = 'model.layers.2.mlp.down_proj.weight';

describe('the panel in the editor', () => {
  const workspace = new Workspace();
  let editor: Editor;
  let workbench: Workbench;
  let panel: Panel;
  const scenario = scenarios(() => workbench);
  const find = (selector: string, text?: string | RegExp): Locator =>
    panel.frame.locator(`${selector}:visible`, text === undefined ? {} : { hasText: text }).first();
  const choose = (label: string): Locator => panel.frame.getByRole('combobox', { name: label });
  const clipboard = (): Promise<string> => workbench.page.evaluate('navigator.clipboard.readText()');
  const untilCopied = async (pattern: RegExp): Promise<string> => {
    for (let attempt = 0; ; attempt += 1) {
      const text = await clipboard();
      if (pattern.test(text) || attempt > 50) {
        assert.match(text, pattern);
        return text;
      }
      await workbench.page.waitForTimeout(100);
    }
  };

  before(async () => {
    workspace.write(
      'grpo.threegate',
      `${JSON.stringify({ base: 'base', tuned: 'grpo/checkpoint-100' }, null, 2)}\n`,
    );
    const many = manyTensors(10_000);
    workspace.write('many/base/model.safetensors', many);
    workspace.write('many/tuned/model.safetensors', many);
    workspace.write('many.threegate', JSON.stringify({ base: 'many/base', tuned: 'many/tuned' }));
    editor = await Editor.start();
    workbench = await editor.open(workspace.path);
    await workbench.openPair('grpo.threegate');
    panel = await Panel.shown(workbench);
    await panel.complete();
  });

  after(async () => {
    await editor.stop();
    workspace.remove();
  });

  scenario('offers no question where the chat is switched off', async () => {
    await find('.detail h2', 'Whole model').waitFor();
    assert.equal(await panel.frame.locator('button:visible', { hasText: 'Ask about' }).count(), 0);
  });

  scenario('colours, filters, groups, sorts and copies', async () => {
    await choose('Colour by').selectOption('rotationMeanDeg');
    await find('.heat-cell[aria-label*="Mean rotation"]').waitFor();
    await choose('Filter by verdict').selectOption('geometry:unknown');
    await find('.count', /^\d+ of 39 tensors$/u).waitFor();
    await choose('Filter by verdict').selectOption('all');
    await find('.layers input').fill('gate_proj');
    await find('.count', '4 of 39 tensors').waitFor();
    await find('button', 'All tensors').click();
    await find('.sorter', 'drift').click();
    await find('[role=columnheader][aria-sort=descending]').waitFor();
    await find('.layers vscode-button', 'Copy').click();
    const copied = await untilCopied(/gate_proj/u);
    assert.equal(copied.trimEnd().split('\n').length, 5);
    await find('.layers input').fill('');
    await find('button', 'Layers').click();
    await find('button', 'Expand all').click();
    await find('button', 'Collapse all').click();
    await find('.row.layer .chevron').click();
    await find('.row.tensor').waitFor();
  });

  scenario('selects from the map and the table, and fetches the curves of what is selected', async () => {
    await find('.heat-cell[aria-label^="Layer 2, down"]').click();
    await find('#detail-title', down).waitFor();
    await panel.frame.locator('.chart canvas[aria-label^="Singular values"]:visible').waitFor();
    await panel.frame.locator('.chart canvas[aria-label^="Rows and columns"]:visible').waitFor();
    assert.equal(await panel.frame.locator('.detail canvas:visible').count(), 7);
    await find('.chart button', 'Copy data').click();
    const table = await untilCopied(/^i\tsigma base/u);
    assert.ok(table.trimEnd().split('\n').length > 8);
    await find('.chart button', 'PNG').click();
    await workbench.acceptFile('down_proj.weight-spectrum.png');
    await find('.announcer', /Saved/u).waitFor();
    const png = readFileSync(join(workspace.path, `${down}-spectrum.png`));
    assert.equal(png.subarray(1, 4).toString('latin1'), 'PNG');
  });

  scenario('keeps what was chosen over a tab switch and a reload', async () => {
    await workbench.openFile('pretrain_config.yaml');
    await workbench.tab('pretrain_config.yaml').waitFor();
    await workbench.tab('grpo.threegate').click();
    const check = async (): Promise<void> => {
      panel = await Panel.shown(workbench);
      await find('#detail-title', down).waitFor();
      await panel.frame.locator('.chart canvas[aria-label^="Singular values"]:visible').waitFor();
      assert.equal(await choose('Colour by').inputValue(), 'rotationMeanDeg');
      assert.equal(await panel.frame.locator('[aria-sort=descending]').count(), 1);
    };
    await check();
    await workbench.reload({ open: 'grpo.threegate' });
    // Which tab is in front after a reload is the editor's own affair.
    await workbench.tab('grpo.threegate').click();
    await check();
    await find('button', 'Whole model').click();
    await find('#detail-title', 'Whole model').waitFor();
  });

  scenario('goes to the line of a setting, explains the findings, and takes another config', async () => {
    await find('.config .link.key', 'beta').click();
    await workbench.tab('grpo_config.yaml').waitFor();
    await workbench.page.locator('.view-lines', { hasText: 'beta' }).waitFor();
    await workbench.command('View: Close Editor');
    await find('button', 'All findings explained').click();
    await workbench.tab('Findings').waitFor();
    await workbench.tab('grpo.threegate').click();
    panel = await Panel.shown(workbench);
    await find('button', 'Choose file').click();
    await workbench.quickInput().locator('input.input').waitFor();
    await workbench.page.keyboard.press('Escape');
  });

  scenario('exports each format from its menu, swaps, and analyses again', async () => {
    for (const [entry, ending] of [
      ['Report as JSON', 'threegate.json'],
      ['Summary as Markdown', 'md'],
      ['Table as CSV', 'csv'],
    ] as const) {
      // Each export opens in front of the panel, whose page then is made anew.
      panel = await Panel.shown(workbench);
      await find('button', 'Export').click();
      await find('[role=menuitem]', entry).click();
      await workbench.acceptFile(`three-gate-grpo-checkpoint-100.${ending}`);
      await workbench.tab(`checkpoint-100.${ending}`).waitFor();
      await workbench.tab('grpo.threegate').click();
    }
    panel = await Panel.shown(workbench);
    await find('button', 'Export').click();
    await find('[role=menuitem]', 'Copy verdict as Markdown').click();
    await untilCopied(/^## base → grpo\/checkpoint-100\n\n\*\*In the range of published RLVR runs/u);
    const json = readFileSync(join(workspace.path, 'three-gate-grpo-checkpoint-100.threegate.json'), 'utf8');
    const report = JSON.parse(json) as { tensors: { name: string; geometry: { value: object | null } }[] };
    const tensor = report.tensors.find(({ name }) => name === down);
    assert.ok(tensor?.geometry.value !== null && 'sigmaBase' in (tensor?.geometry.value ?? {}));
    await panel.button('Analyse again').click();
    await panel.complete();
    await find('button[aria-label="Swap base and tuned"]').click();
    await panel.sidesAre('grpo/checkpoint-100 → base');
    await find('button[aria-label="Swap base and tuned"]').click();
    await panel.sidesAre('base → grpo/checkpoint-100');
    await panel.complete();
    await find('button', 'Export').click();
    await find('[role=menuitem]', 'Open file as text').click();
    await workbench.page.locator('.view-lines', { hasText: '"tuned"' }).waitFor();
    await workbench.closeAllEditors();
  });

  scenario('shows 10,000 tensors', async () => {
    await workbench.openPair('many.threegate');
    panel = await Panel.shown(workbench);
    await panel.complete();
    await find('.count', '10,000 tensors').waitFor();
    await find('button', 'All tensors').click();
    await find('.table-body .row.tensor').focus();
    await panel.frame.page().keyboard.press('End');
    await panel.frame.locator('.table-body .row[data-index="9999"]').waitFor();
    assert.ok((await panel.frame.locator('.table-body .row').count()) < 70);
    await workbench.closeAllEditors();
  });
});
