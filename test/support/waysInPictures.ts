// `npm run gallery:ways`: the pictures of the ways in, for README and walkthrough, from a real VS Code on the genuine runs, into media/.
// The editor's own names for its folders are in them, so the folder has one that a reader may have too.
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Locator } from 'playwright-core';
import { installEditor } from '../../.ci/editor.mjs';
import { hostTarget, packageVsix } from '../../.ci/package.mjs';
import { Editor } from '../e2e/support/editor.ts';
import type { Workbench } from '../e2e/support/workbench.ts';

const themes = { dark: 'Default Dark Modern', light: 'Default Light Modern' };
const directory = 'media/waysIn';
const above = mkdtempSync(join(tmpdir(), 'three-gate-'));
const runs = join(above, 'runs');

installEditor();
packageVsix(hostTarget());
mkdirSync(directory, { recursive: true });
cpSync('test/fixtures/nano', runs, { recursive: true });
try {
  for (const [look, theme] of Object.entries(themes)) await draw(look, theme);
} finally {
  rmSync(above, { recursive: true });
}

async function draw(look: string, theme: string): Promise<void> {
  const editor = await Editor.start({ settings: { 'workbench.colorTheme': theme } });
  try {
    const workbench = await editor.open(runs);
    await explorer(workbench, `${directory}/explorer-${look}.png`);
    await palette(workbench, `${directory}/palette-${look}.png`);
  } finally {
    await editor.stop();
  }
}

async function explorer(workbench: Workbench, path: string): Promise<void> {
  const { page } = workbench;
  await workbench.expand('grpo');
  await workbench.explorerRow('checkpoint-100').waitFor();
  await workbench.collapse('checkpoint-100');
  await workbench.explorerRow('base').click();
  await workbench.explorerRow('checkpoint-100').click({ modifiers: ['ControlOrMeta'] });
  const entry = 'Compare Selected (Three-Gate)';
  await workbench.openContextMenuWith(workbench.explorerRow('checkpoint-100'), entry);
  await workbench.menuEntry(entry).hover();
  await page.screenshot({ path, clip: { x: 48, y: 36, width: 560, height: 420 } });
  await page.keyboard.press('Escape');
}

async function palette(workbench: Workbench, path: string): Promise<void> {
  await workbench.command('Three-Gate: Analyze Checkpoint Pair…');
  await workbench.quickRows().filter({ hasText: 'checkpoint-100' }).waitFor();
  await workbench.pointAway();
  await workbench.page.screenshot({
    path,
    clip: await around(workbench.page.locator('.quick-input-widget')),
  });
  await workbench.page.keyboard.press('Escape');
}

/** With a margin, so that its shadow is in the picture. */
async function around(locator: Locator): Promise<{ x: number; y: number; width: number; height: number }> {
  const box = await locator.boundingBox();
  if (box === null) throw new Error('There is nothing to draw.');
  const margin = 12;
  const [x, y] = [Math.max(0, box.x - margin), Math.max(0, box.y - margin)];
  return { x, y, width: box.width + 2 * margin, height: box.height + 2 * margin };
}
