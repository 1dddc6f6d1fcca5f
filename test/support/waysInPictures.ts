// `npm run gallery:ways`: the pictures of the ways in, for README and walkthrough, from a real VS Code on the genuine runs, into media/.
// Names of folders are in them, so the runs lie where a reader's may lie too; that place must be free and writable.
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { installEditor } from '../../.ci/editor.mjs';
import { hostTarget, packageVsix } from '../../.ci/package.mjs';
import { Editor } from '../e2e/support/editor.ts';
import { Panel } from '../e2e/support/panel.ts';
import type { Workbench } from '../e2e/support/workbench.ts';

type Clip = NonNullable<Awaited<ReturnType<Locator['boundingBox']>>>;

/** By the names that a walkthrough has for its looks. */
const themes = {
  dark: 'Default Dark Modern',
  light: 'Default Light Modern',
  hc: 'Default High Contrast',
  hcLight: 'Default High Contrast Light',
};
const directory = 'media/waysIn';
const runs = '/srv/runs';

installEditor();
packageVsix(hostTarget());
mkdirSync(directory, { recursive: true });
cpSync('test/fixtures/nano', runs, { recursive: true, errorOnExist: true, force: false });
writeFileSync(
  join(runs, 'grpo.yaml'),
  'model_name_or_path: base\noutput_dir: grpo/checkpoint-100\nbeta: 0.001\n',
);
try {
  for (const [look, theme] of Object.entries(themes)) await draw(look, theme);
} finally {
  rmSync(runs, { recursive: true });
}

async function draw(look: string, theme: string): Promise<void> {
  const editor = await Editor.start({ settings: { 'workbench.colorTheme': theme } });
  try {
    const workbench = await editor.open(runs);
    await workbench.page.setViewportSize({ width: 1260, height: 820 });
    for (const [name, shoot] of Object.entries({ explorer, palette, demo, hover, sideBySide })) {
      await shoot(workbench, `${directory}/${name}-${look}.png`);
    }
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
  await shootCalm(page, path, { x: 48, y: 36, width: 560, height: 420 });
  await page.keyboard.press('Escape');
}

async function palette(workbench: Workbench, path: string): Promise<void> {
  await workbench.command('Three-Gate: Analyze Checkpoint Pair…');
  await workbench.quickRows().filter({ hasText: 'checkpoint-100' }).waitFor();
  await workbench.pointAway();
  await shootCalm(workbench.page, path, await around(workbench.page.locator('.quick-input-widget')));
  await workbench.page.keyboard.press('Escape');
}

async function demo(workbench: Workbench, path: string): Promise<void> {
  await workbench.command('Three-Gate: Open the Demo Pair');
  const panel = await Panel.shown(workbench);
  await panel.complete();
  await shootEditor(workbench, path, 600);
  await workbench.closeAllEditors();
}

/** Of a checkpoint that is analysed, as its verdict stands in the hover then. */
async function hover(workbench: Workbench, path: string): Promise<void> {
  await workbench.command('Three-Gate: Analyze Checkpoint Pair…');
  await workbench.pick('grpo/checkpoint-100');
  await workbench.pick('base');
  await (await Panel.shown(workbench)).complete();
  await workbench.closeAllEditors();
  await workbench.explorerRow('grpo.yaml').dblclick();
  await workbench.hover('checkpoint-100');
  await shootEditor(workbench, path, 400);
  await workbench.page.keyboard.press('Escape');
  await workbench.closeAllEditors();
}

async function sideBySide(workbench: Workbench, path: string): Promise<void> {
  await workbench.command('Three-Gate: Open the Demo Runs Side by Side');
  await workbench.webview('.compare-table .row', 120_000);
  await workbench.pointAway();
  await shootEditor(workbench, path, 600);
  await workbench.closeAllEditors();
}

/** Of the editors, without what lies beside them. */
async function shootEditor({ page }: Workbench, path: string, height: number): Promise<void> {
  const box = await page.locator('.part.editor').boundingBox();
  if (box === null) throw new Error('No editor shows.');
  await shootCalm(page, path, { ...box, height });
}

/** Once what has just opened is no longer faded in. */
async function shootCalm(page: Page, path: string, clip: Clip): Promise<void> {
  await page.waitForTimeout(500);
  await page.screenshot({ path, clip });
}

/** With a margin, so that its shadow is in the picture. */
async function around(locator: Locator): Promise<Clip> {
  const box = await locator.boundingBox();
  if (box === null) throw new Error('There is nothing to draw.');
  const margin = 12;
  const [x, y] = [Math.max(0, box.x - margin), Math.max(0, box.y - margin)];
  return { x, y, width: box.width + 2 * margin, height: box.height + 2 * margin };
}
