// `npm run package:npm [platform…]`: the npm package, put together in dist/npm and packed beside it. It depends on nothing that is
// not inside: the bundles, WebAssembly, and the native library of every platform that has one, or of the named ones. Installing it
// runs no script. Held to a committed file list and a size bound.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { writeDeclarations } from './declarations.mjs';
import { fail, run } from './setup.mjs';
import {
  commandFiles,
  copy,
  manifest,
  nativeTargets,
  pageFiles,
  readJson,
  requireFiles,
  root,
  stageRuntime,
} from './stage.mjs';

const listPath = join(import.meta.dirname, 'npmFiles.json');

/** Largest package in bytes: what it weighs today with all platforms and about a tenth to grow. */
const sizeLimit = 63_000_000;

/** What of package.json a package on npm has. */
const keptFields = ['name', 'version', 'description', 'keywords', 'license', 'repository'];

/**
 * Packs what is in dist/ (run the build first), unchecked.
 * @param {readonly string[]} targets platforms whose native library is inside
 * @returns {{ path: string, files: string[] }} of the tarball
 */
export function packageNpm(targets) {
  const stage = join(root, 'dist/npm');
  rmSync(stage, { recursive: true, force: true });
  writeDeclarations();
  copy(
    'dist',
    stage,
    (path) => commandFiles.test(path) || pageFiles.test(path) || /^api\.(cjs|d\.cts)$/.test(path),
  );
  for (const file of ['LICENSE', 'README.md', 'CHANGELOG.md']) cpSync(join(root, file), join(stage, file));
  stageRuntime(join(stage, 'node_modules'), targets);
  const bundled = readdirSync(join(stage, 'node_modules')).sort();
  for (const name of bundled) strip(join(stage, 'node_modules', name, 'package.json'));
  write(join(stage, 'package.json'), packageManifest(bundled));
  return pack(stage);
}

/** @param {readonly string[]} bundled */
function packageManifest(bundled) {
  const own = manifest();
  const kept = Object.fromEntries(Object.entries(own).filter(([key]) => keptFields.includes(key)));
  return {
    ...kept,
    engines: { node: '>=20' },
    bin: { 'three-gate': 'dist/cli.cjs' },
    exports: {
      '.': { types: './dist/api.d.cts', default: './dist/api.cjs' },
      './*.schema.json': './dist/*.schema.json',
      './package.json': './package.json',
    },
    types: './dist/api.d.cts',
    files: ['dist', 'CHANGELOG.md'],
    dependencies: Object.fromEntries(bundled.map((name) => [name, versionOf(name)])),
    bundleDependencies: bundled,
  };
}

/** No script and no dependency of a bundled package is left that an installer would act on. @param {string} path */
function strip(path) {
  const { name, version, license, main, module, type, exports } = /** @type {Record<string, unknown>} */ (
    readJson(path)
  );
  write(path, { name, version, license, main, module, type, exports });
}

/** @param {string} name */
function versionOf(name) {
  const { version } = /** @type {{ version: string }} */ (
    readJson(join(root, 'node_modules', name, 'package.json'))
  );
  return version;
}

/** @param {string} stage */
function pack(stage) {
  const out = join(root, 'dist/tarball');
  mkdirSync(out, { recursive: true });
  const { status, stdout, stderr } = spawnSync(
    'npm',
    ['pack', stage, '--json', '--silent', '--pack-destination', out],
    { cwd: stage, encoding: 'utf8', shell: process.platform === 'win32' },
  );
  if (status !== 0) fail(`npm could not pack ${stage}:\n${stdout}${stderr}`);
  /** @type {unknown} */
  const told = JSON.parse(stdout);
  const [packed] = /** @type {{ filename: string, files: { path: string }[] }[]} */ (told);
  if (packed === undefined) fail(`npm packed nothing of ${stage}.`);
  return { path: join(out, packed.filename), files: packed.files.map(({ path }) => path).sort() };
}

/** @param {string} path @param {object} content */
function write(path, content) {
  writeFileSync(path, `${JSON.stringify(content, null, 2)}\n`);
}

if (process.argv[1] === import.meta.filename) {
  run('node', [join(root, 'esbuild.mjs')], { cwd: root });
  const named = process.argv.slice(2).filter((arg) => !arg.startsWith('--'));
  const unknown = named.find((target) => !nativeTargets.includes(target));
  if (unknown !== undefined) fail(`No such platform: ${unknown}. There are ${nativeTargets.join(', ')}.`);
  const { path, files } = packageNpm(named.length > 0 ? named : nativeTargets);
  if (process.argv.includes('--write-list')) write(listPath, files);
  else if (named.length === 0) {
    const expected = /** @type {string[]} */ (readJson(listPath));
    const committed = { expected, list: '.ci/npmFiles.json', command: 'npm run package:npm -- --write-list' };
    requireFiles({ path, found: files }, committed);
  }
  const { size } = statSync(path);
  if (size > sizeLimit) fail(`${path} has ${size} bytes, more than the limit of ${sizeLimit}.`);
  process.stdout.write(`${relative(root, path)}  ${(size / 1e6).toFixed(1)} MB\n`);
}
