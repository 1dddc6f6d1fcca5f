// A module of ours as Windows runs it: bundled with the Windows half of node:path, which Node.js has everywhere.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build, type Plugin } from 'esbuild';

const root = join(import.meta.dirname, '../..');

const windowsPaths: Plugin = {
  name: 'windows paths',
  setup(bundle) {
    bundle.onResolve({ filter: /^node:path$/ }, () => ({ path: 'node:path/win32', external: true }));
  },
};

/** @param file below the root of the repository */
export async function onWindows<Module>(file: string): Promise<Module> {
  const directory = mkdtempSync(join(tmpdir(), 'three-gate-windows-'));
  try {
    const outfile = join(directory, 'module.mjs');
    await build({
      ...{ entryPoints: [join(root, file)], outfile, bundle: true, platform: 'node', format: 'esm' },
      plugins: [windowsPaths],
    });
    return (await import(pathToFileURL(outfile).href)) as Module;
  } finally {
    rmSync(directory, { recursive: true });
  }
}
