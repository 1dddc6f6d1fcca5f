// The tests as plain JavaScript in dist/test, with what they share in chunks: a process of a test file neither translates
// TypeScript nor asks for each module by itself, which would take half of the time of most of them.
import { readFileSync, rmSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = join(import.meta.dirname, '..');
const out = join(root, 'dist/test');

/** A module's place is that of its source: fixtures are found from there. @type {import('esbuild').Plugin} */
const placesOfSources = {
  name: 'places of sources',
  setup(bundle) {
    bundle.onLoad({ filter: /\.(ts|mjs)$/ }, ({ path }) => {
      const places = { url: pathToFileURL(path).href, dirname: dirname(path), filename: path };
      const contents = readFileSync(path, 'utf8').replaceAll(
        /\bimport\.meta\.(url|dirname|filename)\b/g,
        (_, /** @type {keyof typeof places} */ key) => JSON.stringify(places[key]),
      );
      return { contents, loader: path.endsWith('.ts') ? 'ts' : 'js' };
    });
  },
};

/** @param {string[]} files test files, relative to the repository */
export async function bundleTests(files) {
  rmSync(out, { recursive: true, force: true });
  await build({
    absWorkingDir: root,
    entryPoints: files,
    ...{ outbase: 'test', outdir: out, outExtension: { '.js': '.mjs' }, chunkNames: 'chunks/[hash]' },
    ...{ bundle: true, splitting: true, format: 'esm', platform: 'node', target: 'node20' },
    ...{ packages: 'external', loader: { '.md': 'text' } },
    ...{ sourcemap: true, sourcesContent: false, logLevel: 'warning' },
    plugins: [placesOfSources],
  });
}

/** What Node.js runs for a test file. @param {string} file */
export function bundleOf(file) {
  return join('dist/test', relative('test', file)).replace(/\.ts$/, '.mjs');
}
