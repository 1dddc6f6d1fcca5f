// One real VS Code with the packaged extension, driven through a browser: a test file starts one and stops it at the end.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Browser, type BrowserContext } from 'playwright-core';
import { findBrowser, startEditor } from '../../../.ci/editor.mjs';
import { hostTarget, vsixPath } from '../../../.ci/package.mjs';
import { Workbench } from './workbench.ts';

export interface StartOptions {
  /** False: workspaces open in Restricted Mode until they are trusted. */
  trust?: boolean;
  settings?: Record<string, unknown>;
}

/** A calm window: nothing pops up that a screenshot or a click could hit by accident. */
const calmSettings = {
  'workbench.startupEditor': 'none',
  'chat.disableAIFeatures': true,
  'workbench.colorTheme': 'Default Dark Modern',
  'workbench.tips.enabled': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'telemetry.telemetryLevel': 'off',
  'extensions.autoUpdate': false,
  'extensions.autoCheckUpdates': false,
  'update.mode': 'none',
  'git.enabled': false,
  'files.simpleDialog.enable': true,
  'security.workspace.trust.startupPrompt': 'never',
  'security.workspace.trust.banner': 'always',
};

const browserFlags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export class Editor {
  private readonly home: string;
  private readonly server: Awaited<ReturnType<typeof startEditor>>;
  private readonly browser: Browser;
  private context: BrowserContext | null = null;

  private constructor(home: string, server: Awaited<ReturnType<typeof startEditor>>, browser: Browser) {
    this.home = home;
    this.server = server;
    this.browser = browser;
  }

  static async start({ trust = true, settings = {} }: StartOptions = {}): Promise<Editor> {
    const home = mkdtempSync(join(tmpdir(), 'three-gate-editor-'));
    const [server, browser] = await Promise.all([
      startEditor({ home, vsix: vsixPath(hostTarget()), settings: { ...calmSettings, ...settings }, trust }),
      chromium.launch({ executablePath: findBrowser(), args: browserFlags }),
    ]);
    return new Editor(home, server, browser);
  }

  /** Process id of the server; the extension host and the engine are among its descendants. */
  get pid(): number {
    return this.server.process.pid ?? 0;
  }

  /** Opens a folder in a fresh window; closes the window before. */
  async open(folder: string): Promise<Workbench> {
    await this.context?.close();
    this.context = await this.browser.newContext({ viewport: { width: 1440, height: 900 } });
    await this.context.grantPermissions(['clipboard-read', 'clipboard-write']);
    const page = await this.context.newPage();
    page.setDefaultTimeout(20_000);
    await page.goto(`${this.server.url}?folder=${encodeURIComponent(folder)}`);
    const workbench = new Workbench(page);
    await workbench.ready();
    return workbench;
  }

  async stop(): Promise<void> {
    await this.browser.close();
    await this.server.stop();
    rmSync(this.home, { recursive: true, force: true });
  }
}
