// Builds dist/: one bundle per process or page, plus the WebAssembly kernels and the report's schema. `--watch` rebuilds on change.
import { existsSync, mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { build, context } from 'esbuild';
import asc from 'assemblyscript/asc';
import { writeSchema } from './.ci/schema.mjs';

const watch = process.argv.includes('--watch');

/** @type {import('esbuild').BuildOptions} */
const common = { bundle: true, sourcemap: true, logLevel: 'warning', legalComments: 'none', minify: !watch };

/** What few runs need is a bundle of its own beside the others, and loaded when it is asked for. */
const apart = {
  s3: 'src/node/remote/s3/sdk.ts',
  undici: 'src/node/remote/undici.ts',
  mcp: 'src/mcp/serve.ts',
};

/** @type {import('esbuild').Plugin} */
const bundlesApart = {
  name: 'bundles apart',
  setup(bundle) {
    bundle.onResolve({ filter: /\.ts$/ }, ({ kind, path, resolveDir }) => {
      const [name] =
        Object.entries(apart).find(([, entry]) => resolve(resolveDir, path) === resolve(entry)) ?? [];
      return kind === 'dynamic-import' && name !== undefined
        ? { path: `./${name}.cjs`, external: true }
        : null;
    });
  },
};

/** @type {import('esbuild').BuildOptions} */
const node = {
  ...common,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  outExtension: { '.js': '.cjs' },
  outdir: 'dist',
  external: ['vscode', 'onnxruntime-node', 'onnxruntime-web'],
  plugins: [bundlesApart],
  // The page of findings is shown inside the editor.
  loader: { '.md': 'text' },
  // CommonJS has no import.meta: where a module asks for its place, it gets the bundle's.
  define: { 'import.meta.url': 'importMetaUrl' },
  banner: { js: "const importMetaUrl = require('node:url').pathToFileURL(__filename).href;" },
};

const entries = {
  api: 'src/api/index.ts',
  cli: 'src/cli/main.ts',
  engine: 'src/node/engine/engineProcess.ts',
  kernelWorker: 'src/node/workers/kernelWorker.ts',
  geometryWorker: 'src/node/workers/geometryWorker.ts',
  extension: 'src/extension/activate.ts',
  ...apart,
};

/** @type {import('esbuild').BuildOptions[]} */
const bundles = [
  { ...node, entryPoints: present(entries) },
  {
    ...common,
    entryPoints: present({
      main: 'webview/pair/main.ts',
      header: 'webview/header/main.ts',
      runs: 'webview/runs/main.ts',
      alone: 'webview/alone/main.ts',
      compare: 'webview/compare/main.ts',
    }),
    outdir: 'dist/webview',
    platform: 'browser',
    target: 'es2022',
    format: 'iife',
    loader: { '.css': 'css' },
  },
];

mkdirSync('dist', { recursive: true });
writeSchema();
await buildWasm('src/engine/kernels/assembly/index.ts', 'dist/kernels.wasm');
await buildWasm('src/engine/linalg/assembly/index.ts', 'dist/linalg.wasm');
for (const options of bundles) {
  if (watch) await (await context(options)).watch();
  else await build(options);
}

/** @param {Record<string, string>} candidates */
function present(candidates) {
  return Object.fromEntries(Object.entries(candidates).filter(([, path]) => existsSync(path)));
}

/** @param {string} entry @param {string} outFile */
async function buildWasm(entry, outFile) {
  if (!existsSync(entry)) return;
  const { error } = await asc.main(
    [
      entry,
      ...['--outFile', outFile, '--runtime', 'stub', '--optimizeLevel', '3', '--noAssert'],
      // Vectors pass between the files of one module only.
      ...['--disableWarning', '112'],
      ...['--enable', 'simd', '--importMemory', '--initialMemory', '1', '--maximumMemory', '65536'],
    ],
    { stderr: process.stderr },
  );
  if (error !== null) throw error;
}
