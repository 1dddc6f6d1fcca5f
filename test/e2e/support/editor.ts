// One real VS Code with the packaged extension, driven through a browser: a test file starts one and stops it at the end.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Browser, type BrowserContext } from 'playwright-core';
import { calmSettings, findBrowser, startEditor } from '../../../.ci/editor.mjs';
import { hostTarget, vsixPath } from '../../../.ci/package.mjs';
import { Workbench } from './workbench.ts';

export interface StartOptions {
  /** False: workspaces open in Restricted Mode until they are trusted. */
  trust?: boolean;
  settings?: Record<string, unknown>;
}

const browserFlags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

interface Server {
  url: string;
  pid: number;
  stop: () => Promise<void>;
}

/** The server that `.ci/test.mjs` started for all test files; null when a file is run on its own or wants another kind. */
function sharedServer({ trust = true, settings }: StartOptions): Server | null {
  const shared = process.env['THREE_GATE_EDITOR'];
  if (shared === undefined || !trust || settings !== undefined) return null;
  const { url, pid } = JSON.parse(shared) as { url: string; pid: number };
  return { url, pid, stop: () => Promise.resolve() };
}

async function ownServer({ trust = true, settings = {} }: StartOptions): Promise<Server> {
  const home = mkdtempSync(join(tmpdir(), 'three-gate-editor-'));
  const vsix = vsixPath(hostTarget());
  const server = await startEditor({ home, vsix, settings: { ...calmSettings, ...settings }, trust });
  return {
    url: server.url,
    pid: server.process.pid ?? 0,
    stop: async () => {
      await server.stop();
      rmSync(home, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

export class Editor {
  private readonly server: Server;
  private readonly browser: Browser;
  private context: BrowserContext | null = null;

  private constructor(server: Server, browser: Browser) {
    this.server = server;
    this.browser = browser;
  }

  /** A window on the test run's shared server, or on one of its own where the options want that. */
  static async start(options: StartOptions = {}): Promise<Editor> {
    const [server, browser] = await Promise.all([
      sharedServer(options) ?? ownServer(options),
      chromium.launch({ executablePath: findBrowser(), args: browserFlags }),
    ]);
    return new Editor(server, browser);
  }

  /** Process id of the server; the extension host and the engine are among its descendants. */
  get pid(): number {
    return this.server.pid;
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
  }
}
