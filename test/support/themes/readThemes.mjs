// Regenerates the four theme files beside this script from a real VS Code: opens a Markdown preview (a webview),
// switches the colour theme, and writes down the `--vscode-*` variables and body class that the page is given.
// Usage: node test/support/themes/readThemes.mjs <node 24 or newer> <code-server entry.js>
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { chromium } from 'playwright-core';
import { findBrowser } from '../../../.ci/editor.mjs';

const [nodeBinary, entry] = process.argv.slice(2);
if (nodeBinary === undefined || entry === undefined)
  throw new Error('usage: readThemes.mjs <node> <entry.js>');

const themes = {
  'dark-modern': 'Default Dark Modern',
  'light-modern': 'Default Light Modern',
  'dark-high-contrast': 'Default High Contrast',
  'light-high-contrast': 'Default High Contrast Light',
};

/** A fresh home for each theme: the server remembers open editors. @param {string} theme */
const homeFor = (theme) => {
  const home = mkdtempSync(join(tmpdir(), 'three-gate-themes-'));
  mkdirSync(join(home, 'data', 'User'), { recursive: true });
  mkdirSync(join(home, 'extensions'));
  mkdirSync(join(home, 'workspace'));
  writeFileSync(join(home, 'workspace', 'page.md'), '# page\n');
  writeFileSync(
    join(home, 'data', 'User', 'settings.json'),
    JSON.stringify({
      'workbench.colorTheme': theme,
      'workbench.startupEditor': 'none',
      'chat.disableAIFeatures': true,
      'window.autoDetectColorScheme': false,
      'window.autoDetectHighContrast': false,
      'workbench.editorAssociations': { '*.md': 'vscode.markdown.preview.editor' },
    }),
  );
  return home;
};

/** @type {number} */
const port = await new Promise((resolve) => {
  const probe = createServer().listen(0, '127.0.0.1', () => {
    const address = probe.address();
    probe.close(() => {
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
});

const flags = '--auth none --disable-telemetry --disable-update-check --disable-workspace-trust'.split(' ');
for (const [name, theme] of Object.entries(themes)) {
  const home = homeFor(theme);
  const server = spawn(
    nodeBinary,
    [
      ...[entry, ...flags, '--bind-addr', `127.0.0.1:${port}`],
      ...['--user-data-dir', join(home, 'data'), '--extensions-dir', join(home, 'extensions')],
      join(home, 'workspace'),
    ],
    { stdio: 'ignore' },
  );
  const browser = await chromium.launch({
    executablePath: findBrowser(),
    args: '--no-sandbox --disable-gpu --disable-quic --disable-background-networking'.split(' '),
  });
  const page = await browser.newPage({ viewport: { width: 1200, height: 800 } });
  try {
    await retry(() => page.goto(`http://127.0.0.1:${port}/?folder=${join(home, 'workspace')}`));
    await page.getByRole('treeitem', { name: 'page.md' }).dblclick({ timeout: 60_000 });
    const found = await retry(async () => {
      for (const frame of page.frames()) {
        const read = /** @type {{ bodyClass: string, style: Record<string, string> }} */ (
          await frame.evaluate(`({
            bodyClass: document.body.className,
            style: Object.fromEntries(
              [...document.documentElement.style]
                .filter((key) => key.startsWith('--vscode-'))
                .map((key) => [key, document.documentElement.style.getPropertyValue(key).trim()]),
            ),
          })`)
        );
        if (Object.keys(read.style).length > 100) return read;
      }
      throw new Error('no webview yet');
    });
    const file = join(import.meta.dirname, `${name}.json`);
    const bodyClass = found.bodyClass.split(/\s+/u).filter((part) => part.startsWith('vscode-'));
    writeFileSync(
      file,
      `${JSON.stringify({ theme, bodyClass: bodyClass.join(' '), variables: found.style }, null, 1)}\n`,
    );
    console.log(name, Object.keys(found.style).length, found.bodyClass);
  } finally {
    await browser.close();
    server.kill();
    await sleep(1500);
    rmSync(home, { recursive: true, force: true });
  }
}

/** @template T @param {() => Promise<T>} attempt @returns {Promise<T>} */
async function retry(attempt) {
  for (let left = 60; ; left -= 1) {
    try {
      return await attempt();
    } catch (error) {
      if (left === 0) throw error;
      await sleep(1000);
    }
  }
}
