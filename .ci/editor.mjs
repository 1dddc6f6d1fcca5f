// A real VS Code for end-to-end tests and the demo: code-server from npm, in .vscode-test/, on the Node.js it wants.
// `installEditor` makes it ready (a no-op when it is), `startEditor` serves a workspace on a loopback port.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  closeSync,
  cpSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fail, run } from './setup.mjs';

const editorHome = join(import.meta.dirname, '..', '.vscode-test');
const pins = join(import.meta.dirname, 'editor');
const stamp = join(editorHome, 'installed');
/** The Node.js that the editor wants, as npm packages it. */
const nodePackage = `node-${process.platform}-${process.arch}`;
const nodeVersion = '24.21.0';
const server = join(editorHome, 'node_modules/code-server');

/** A calm window: nothing pops up that a screenshot or a click could hit by accident. */
export const calmSettings = {
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

/** Installs the pinned editor from npm, about 600 MB, unless that is already done. */
export function installEditor() {
  const locked = createHash('sha256')
    .update(readFileSync(join(pins, 'package-lock.json')))
    .update(nodeVersion)
    .digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === locked) return;
  rmSync(editorHome, { recursive: true, force: true });
  mkdirSync(editorHome, { recursive: true });
  cpSync(pins, editorHome, { recursive: true });
  const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  run('npm', ['ci', ...flags], { cwd: editorHome });
  // One package a platform: pinned here, as npm refuses a lock file that lacks those of the other platforms.
  run('npm', ['install', '--no-save', ...flags, `${nodePackage}@${nodeVersion}`], { cwd: editorHome });
  // The package carries its editor as a nested one whose shrinkwrap npm fills in but does not accept for `ci`.
  run('npm', ['install', '--omit=dev', ...flags], { cwd: join(server, 'lib/vscode') });
  writeFileSync(stamp, locked);
}

/** Path of the Node.js that the editor runs on. */
function editorNode() {
  const path = join(editorHome, `node_modules/${nodePackage}/bin/node`);
  if (!existsSync(path)) fail(`No Node.js 24 for ${process.platform}-${process.arch} in ${editorHome}.`);
  return path;
}

/** Chromium without a window around its pages, which costs twice as much as they do. */
const headlessShell = '/usr/bin/chromium-headless-shell';

/**
 * Path of a Chromium: its headless shell, which Debian has and which is installed where that is possible, or any other.
 * @returns {string}
 */
export function findBrowser() {
  const candidates = [
    process.env['CHROMIUM_PATH'] ?? '',
    headlessShell,
    '/usr/bin/chromium',
    '/usr/bin/chromium-browser',
    '/usr/bin/google-chrome',
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  ];
  const find = () => candidates.find((path) => path !== '' && existsSync(path));
  const isChosen = [headlessShell, candidates[0]].includes(find());
  if (!isChosen && existsSync('/etc/debian_version') && process.getuid?.() === 0) {
    // A fresh machine holds the lock while it updates itself. Where no package can be had, any Chromium will do.
    const wait = ['-o', 'DPkg::Lock::Timeout=300', '-qq'];
    const install = [...wait, 'install', '-y', '--no-install-recommends', '--no-remove'];
    for (const words of [
      [...wait, 'update'],
      [...install, 'chromium-headless-shell'],
    ]) {
      spawnSync('apt-get', words, { stdio: 'inherit' });
    }
  }
  return find() ?? fail('The end-to-end tests need Chromium: install it or name it in CHROMIUM_PATH.');
}

/** @returns {Promise<number>} a TCP port of 127.0.0.1 that is free now */
export function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.on('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => {
        if (address === null || typeof address === 'string') reject(new Error('No port was given.'));
        else resolve(address.port);
      });
    });
  });
}

/**
 * For an editor whose Hub is a double on loopback, if anything, and never the real one; nobody's token is known to it.
 * @param {number} port
 * @returns {Record<string, string>}
 */
export function hubAt(port) {
  return {
    HF_ENDPOINT: `http://127.0.0.1:${port}`,
    HF_TOKEN: '',
    HUGGING_FACE_HUB_TOKEN: '',
    HF_TOKEN_PATH: '',
  };
}

/** The user settings of an editor at this home. @param {string} home @param {Record<string, unknown>} settings */
export function writeSettings(home, settings) {
  mkdirSync(join(home, 'data/User'), { recursive: true });
  writeFileSync(join(home, 'data/User/settings.json'), JSON.stringify(settings, null, 2));
}

/**
 * @typedef {object} EditorOptions
 * @property {string} home fresh directory for user data and extensions
 * @property {string} vsix extension to install
 * @property {string[]} [moreExtensions] more of them
 * @property {Record<string, unknown>} settings user settings
 * @property {boolean} trust false shows workspaces in Restricted Mode until trusted
 * @property {number} [port]
 * @property {NodeJS.ProcessEnv} [environment] beyond that of this process
 */

/**
 * Serves an editor with the extension installed.
 * @param {EditorOptions} options
 * @returns {Promise<{ url: string, process: import('node:child_process').ChildProcess, stop: () => Promise<void> }>}
 */
export async function startEditor({
  home,
  vsix,
  moreExtensions = [],
  settings,
  trust,
  port: wanted,
  environment = {},
}) {
  const directories = [
    '--user-data-dir',
    join(home, 'data'),
    '--extensions-dir',
    join(home, 'extensions'),
    // Without its own, code-server would read the configuration of the person who runs the tests.
    '--config',
    join(home, 'config.yaml'),
  ];
  writeFileSync(join(home, 'config.yaml'), '');
  writeSettings(home, settings);
  const entry = join(server, 'out/node/entry.js');
  const node = editorNode();
  const installs = [vsix, ...moreExtensions].flatMap((path) => ['--install-extension', path]);
  const installed = spawnSync(node, [entry, ...directories, ...installs], { encoding: 'utf8' });
  if (installed.status !== 0) throw new Error(`The VSIX did not install: ${installed.stderr}`);
  const port = wanted ?? (await freePort());
  const flags = ['--auth', 'none', '--disable-telemetry', '--disable-update-check'];
  if (trust) flags.push('--disable-workspace-trust');
  const log = join(home, 'server.log');
  const output = openSync(log, 'a');
  const child = spawn(node, [entry, ...flags, ...directories, '--bind-addr', `127.0.0.1:${port}`], {
    // A file, not a pipe: whoever started it may be too busy to read.
    stdio: ['ignore', output, output],
    // Caches of its own: what the person who runs this has cached is neither shown nor changed.
    env: {
      ...process.env,
      XDG_CACHE_HOME: join(home, 'cache'),
      HF_HOME: join(home, 'huggingface'),
      ...environment,
    },
    // A group of its own: code-server's children must go with it.
    detached: true,
  });
  closeSync(output);
  process.once('exit', () => {
    killGroup(child);
  });
  const url = `http://127.0.0.1:${port}/`;
  await untilServed(url, child, log);
  return { url, process: child, stop: () => stopGroup(child) };
}

/** @param {string} url @param {import('node:child_process').ChildProcess} child @param {string} log */
async function untilServed(url, child, log) {
  const deadline = Date.now() + 60_000;
  while (Date.now() < deadline && child.exitCode === null) {
    const served = await fetch(`${url}healthz`).then(
      (response) => response.ok,
      () => false,
    );
    if (served) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  await stopGroup(child);
  throw new Error(`The editor did not start:\n${readFileSync(log, 'utf8')}`);
}

/** @param {import('node:child_process').ChildProcess} child @returns {Promise<void>} */
function stopGroup(child) {
  if (child.exitCode !== null || child.pid === undefined) return Promise.resolve();
  const gone = new Promise((resolve) => child.once('exit', resolve));
  killGroup(child);
  return gone.then(() => undefined);
}

/** @param {import('node:child_process').ChildProcess} child */
function killGroup(child) {
  if (child.exitCode !== null || child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    child.kill('SIGKILL');
  }
}

if (process.argv[1] === import.meta.filename) installEditor();
