// The last step of `npm start`: shows the demo workspace in VS Code. The desktop's, with the extension from this
// working tree, where `code` exists; else a served one, whose address is printed, until Ctrl+C.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { demoBase, demoPairs } from './demoPairs.mjs';
import { calmSettings, installEditor, startEditor } from './editor.mjs';
import { hostTarget, packageVsix } from './package.mjs';
import { needsShell, shellArguments } from './setup.mjs';

const workspace = resolve('dist/demo');
// A file named on the start would open as text: an editor that has just started does not know the extension yet.
const whatToDo = 'Open a .threegate file there, or select two checkpoints and right-click.';

/** Resolves when there is nothing left to do; for a served editor that is when it is stopped. */
export async function openDemo() {
  writeWorkspace();
  const args = shellArguments([`--extensionDevelopmentPath=${resolve('.')}`, workspace]);
  const desktop = spawnSync(needsShell ? 'code.cmd' : 'code', args, { stdio: 'ignore', shell: needsShell });
  if (desktop.status === 0) {
    process.stdout.write(`  Opened in VS Code: ${workspace}\n  ${whatToDo}\n`);
    return;
  }
  await serve();
}

async function serve() {
  process.stdout.write(
    '  No `code` on the path: preparing a VS Code for the browser (about 600 MB, once) …\n',
  );
  installEditor();
  const home = resolve('dist/demo-editor');
  rmSync(home, { recursive: true, force: true });
  const { url, process: server } = await startEditor({
    home,
    vsix: packageVsix(hostTarget()),
    settings: { ...calmSettings, 'git.enabled': true },
    trust: true,
  });
  const address = `${url}?folder=${encodeURIComponent(workspace)}`;
  process.stdout.write(`\n  The demo in VS Code: ${address}\n  ${whatToDo} Ctrl+C stops it.\n`);
  process.once('SIGINT', () => process.exit(0));
  process.once('SIGTERM', () => process.exit(0));
  await new Promise((ended) => server.once('exit', ended));
}

/** A folder with the four pairs to look at and play with. */
function writeWorkspace() {
  rmSync(workspace, { recursive: true, force: true });
  mkdirSync(workspace, { recursive: true });
  cpSync(demoBase, join(workspace, 'base'), { recursive: true });
  for (const { file, tuned } of demoPairs) {
    // Their steps stay in their names, as trainers write them.
    const folder = tuned.includes('checkpoint-') ? join(file, basename(tuned)) : file;
    cpSync(tuned, join(workspace, folder), { recursive: true });
    const pair = JSON.stringify({ base: 'base', tuned: folder }, null, 2);
    writeFileSync(join(workspace, `${file}.threegate`), `${pair}\n`);
  }
}
