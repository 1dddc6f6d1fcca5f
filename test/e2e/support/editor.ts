// One real VS Code with the packaged extension, driven through a browser: a test file starts one and stops it at the end.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Browser, type BrowserContext } from 'playwright-core';
import { calmSettings, findBrowser, freePort, hubAt, startEditor } from '../../../.ci/editor.mjs';
import { hostTarget, vsixPath } from '../../../.ci/package.mjs';
import { Workbench } from './workbench.ts';

interface StartOptions {
  /** False: workspaces open in Restricted Mode until they are trusted. */
  trust?: boolean;
  settings?: Record<string, unknown>;
  /** Of the server, beyond that of this process. */
  environment?: NodeJS.ProcessEnv;
  /** VSIX files of further extensions. */
  moreExtensions?: string[];
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
  /** Holds its user data, its extensions and its caches. */
  home: string;
  /** Where it looks for the Hub. */
  hubPort: number;
  stop: () => Promise<void>;
}

/** The server that `.ci/test.mjs` started for all test files; null when a file is run on its own or wants another kind. */
function sharedServer({ trust = true, settings, environment, moreExtensions }: StartOptions): Server | null {
  const shared = process.env['THREE_GATE_EDITOR'];
  const wishes = [settings, environment, moreExtensions];
  if (shared === undefined || !trust || wishes.some((wish) => wish !== undefined)) return null;
  const server = JSON.parse(shared) as Omit<Server, 'stop'>;
  return { ...server, stop: () => Promise.resolve() };
}

async function ownServer({
  trust = true,
  settings = {},
  environment: more = {},
  moreExtensions = [],
}: StartOptions): Promise<Server> {
  const home = mkdtempSync(join(tmpdir(), 'three-gate-editor-'));
  const vsix = vsixPath(hostTarget());
  const hubPort = await freePort();
  const environment = { ...more, ...hubAt(hubPort) };
  const server = await startEditor({
    ...{ home, vsix, moreExtensions, settings: { ...calmSettings, ...settings }, trust, environment },
  });
  return {
    home,
    hubPort,
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

  /** Port of 127.0.0.1 that the extension takes for the Hub; a double may listen there. */
  get hubPort(): number {
    return this.server.hubPort;
  }

  /** Everything that the editor and its extensions have written. */
  get home(): string {
    return this.server.home;
  }

  /** The Hugging Face cache that the extension sees. */
  get modelCache(): string {
    return join(this.server.home, 'huggingface/hub');
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

  /** Process ids of the engines at work below this editor. */
  engineProcesses(): number[] {
    const { stdout } = spawnSync('ps', ['-eo', 'pid=,ppid=,args='], { encoding: 'utf8' });
    const rows = stdout.split('\n').map((line) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line));
    const parents = new Map(rows.flatMap((row) => (row === null ? [] : [[Number(row[1]), Number(row[2])]])));
    const isBelow = (pid: number): boolean => {
      for (let at: number | undefined = pid; at !== undefined && at > 1; at = parents.get(at)) {
        if (at === this.server.pid) return true;
      }
      return false;
    };
    return rows
      .filter((row) => row?.[3]?.includes('dist/engine.cjs'))
      .map((row) => Number(row?.[1]))
      .filter(isBelow);
  }

  /** How many engines were at work at once, at most, while something was done. */
  async mostEnginesDuring(action: () => Promise<void>): Promise<number> {
    let most = 0;
    const watch = setInterval(() => {
      most = Math.max(most, this.engineProcesses().length);
    }, 100);
    try {
      await action();
    } finally {
      clearInterval(watch);
    }
    return most;
  }

  /** Waits until an engine runs. */
  async untilEngine(): Promise<[number, ...number[]]> {
    return until('an engine process', () => {
      const [first, ...rest] = this.engineProcesses();
      return first === undefined ? null : [first, ...rest];
    });
  }

  async untilNoEngine(): Promise<void> {
    await until('the end of the engine process', () => (this.engineProcesses().length === 0 ? true : null));
  }

  async stop(): Promise<void> {
    await this.browser.close();
    await this.server.stop();
  }
}

/** Asks until there is an answer. */
async function until<Answer>(what: string, ask: () => Answer | null): Promise<Answer> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    const answer = ask();
    if (answer !== null) return answer;
    if (Date.now() > deadline) throw new Error(`Waited 30 s for ${what}.`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
