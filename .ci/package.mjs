// `npm run package [target…]`: one VSIX per platform with the native library that matches, and a universal one that
// has WebAssembly only. Each is held to a committed file list and a size bound before it counts as built.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { globSync } from './glob.mjs';
import { fail, run } from './setup.mjs';

const root = join(import.meta.dirname, '..');
const listPath = join(import.meta.dirname, 'vsixFiles.json');

/**
 * What the engine needs of ONNX Runtime at run time, and no more: CPU only, so none of the DirectML or WebGPU
 * libraries (loaded on demand, 40 MB on Windows), no type definitions, no maps, no install scripts.
 */
const runtimeModules = {
  'onnxruntime-common': [
    /^package\.json$/,
    /^dist\/cjs\/.*\.js$/,
    /^dist\/cjs\/package\.json$/,
    /^dist\/esm\/.*\.js$/,
  ],
  'onnxruntime-web': [
    /^package\.json$/,
    /^dist\/ort\.node\.min\.m?js$/,
    /^dist\/ort-wasm-simd-threaded\.(mjs|wasm)$/,
  ],
};
const nativeModule = [/^package\.json$/, /^dist\/.*\.js$/];

/** @type {Record<string, string[]>} */
const nativeLibraries = {
  'linux-x64': ['libonnxruntime.so.1'],
  'linux-arm64': ['libonnxruntime.so.1'],
  'darwin-arm64': ['libonnxruntime.1.dylib'],
  'win32-x64': ['onnxruntime.dll'],
  'win32-arm64': ['onnxruntime.dll'],
};

const vsixTargets = [...Object.keys(nativeLibraries), 'universal'];

/** Largest VSIX in bytes: what each weighs today and about a tenth to grow. */
const sizeLimits = { native: 25_000_000, universal: 10_000_000 };

/** The demo pair: copied from the fixtures, so that the walkthrough and `npm start` have something real to open. */
const demoFiles = [
  'base/config.json',
  'base/model.safetensors',
  'grpo/checkpoint-100/config.json',
  'grpo/checkpoint-100/grpo_config.yaml',
  'grpo/checkpoint-100/model.safetensors',
  'grpo/checkpoint-100/trainer_state.json',
  'sft/config.json',
  'sft/model.safetensors',
  'sft/sft_config.yaml',
  'sft/trainer_state.json',
];

/** The target that fits this machine. */
export function hostTarget() {
  const target = `${process.platform}-${process.arch}`;
  return vsixTargets.includes(target) ? target : 'universal';
}

/** Where a target's VSIX is put. @param {string} target */
export function vsixPath(target) {
  return join(root, 'dist/vsix', `three-gate-${manifest().version}-${target}.vsix`);
}

/**
 * Packages what is in dist/ (run the build first), unchecked.
 * @param {string} target one of `vsixTargets`
 * @returns {string} path of the VSIX
 */
export function packageVsix(target) {
  const stage = join(root, 'dist/stage', target);
  rmSync(stage, { recursive: true, force: true });
  stageExtension(stage);
  stageRuntime(stage, target);
  const out = vsixPath(target);
  mkdirSync(dirname(out), { recursive: true });
  const vsce = join(root, 'node_modules/@vscode/vsce/vsce');
  const platform = target === 'universal' ? [] : ['--target', target];
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [
      vsce,
      'package',
      '--no-dependencies',
      '--allow-missing-repository',
      '--no-rewrite-relative-links',
      ...platform,
      '--out',
      out,
    ],
    { cwd: stage, encoding: 'utf8' },
  );
  if (status !== 0) fail(`vsce could not package ${target}:\n${stdout}${stderr}`);
  rmSync(stage, { recursive: true });
  return out;
}

/** @param {string} stage */
function stageExtension(stage) {
  copy('dist', stage, (path) =>
    /^(extension|cli|mcp|engine|kernelWorker|geometryWorker|s3|undici)\.cjs$|^\w+\.wasm$|^(report|runs|compare|followed-step|answers)\.schema\.json$|^webview\/.*\.(js|css|ttf)$/.test(
      path,
    ),
  );
  copy('media', stage, () => true);
  for (const file of ['LICENSE', 'README.md', 'CHANGELOG.md', 'package.nls.json', '.vscodeignore']) {
    if (existsSync(join(root, file))) cpSync(join(root, file), join(stage, file));
  }
  for (const file of demoFiles) {
    cpSync(join(root, 'test/fixtures/nano', file), join(stage, 'demo', file));
  }
  // What a user of the extension has no use for stays behind; `type` would make the bundles' helpers ES modules.
  const developersOwn = ['devDependencies', 'scripts', 'dependencies', 'bin', 'private', 'type'];
  const kept = Object.entries(manifest()).filter(([key]) => !developersOwn.includes(key));
  writeFileSync(join(stage, 'package.json'), JSON.stringify(Object.fromEntries(kept), null, 2));
}

/** @param {string} stage @param {string} target */
function stageRuntime(stage, target) {
  for (const [name, wanted] of Object.entries(runtimeModules)) copyModule(name, stage, wanted);
  const libraries = nativeLibraries[target];
  if (libraries === undefined) return;
  const [platform, architecture] = target.split('-');
  const folder = `bin/napi-v6/${platform}/${architecture}`;
  const binaries = [...libraries, 'onnxruntime_binding.node'].map((file) => `${folder}/${file}`);
  copyModule('onnxruntime-node', stage, [...nativeModule, ...binaries.map((file) => exactly(file))]);
}

/** Copies chosen files of an npm package to where the bundles in dist/ look first. @param {string} name @param {string} stage @param {RegExp[]} wanted */
function copyModule(name, stage, wanted) {
  copy(`node_modules/${name}`, join(stage, 'dist'), (path) => wanted.some((pattern) => pattern.test(path)));
}

/** @param {string} directory below the root @param {string} stage @param {(path: string) => boolean} wanted */
function copy(directory, stage, wanted) {
  for (const file of globSync(join(root, directory), '')) {
    const inside = relative(join(root, directory), file).replaceAll('\\', '/');
    if (wanted(inside)) cpSync(file, join(stage, directory, inside));
  }
}

/** @param {string} text */
function exactly(text) {
  return new RegExp(`^${text.replaceAll('.', '\\.')}$`);
}

/**
 * Holds a VSIX to the committed list and the size bound; returns what it holds.
 * @param {string} target @param {string} vsix
 */
export function checkVsix(target, vsix) {
  const found = filesIn(vsix);
  const lists = readLists();
  const expected = [...(lists['every'] ?? []), ...(lists[target] ?? [])];
  const extra = found.filter((name) => !expected.includes(name));
  const missing = expected.filter((name) => !found.includes(name));
  if (extra.length + missing.length > 0) {
    fail(
      `${vsix} does not hold the files in .ci/vsixFiles.json; extra: ${extra.join(', ') || 'none'}; ` +
        `missing: ${missing.join(', ') || 'none'}. If that is meant, run \`npm run package -- --write-list\`.`,
    );
  }
  const { size } = statSync(vsix);
  const limit = target === 'universal' ? sizeLimits.universal : sizeLimits.native;
  if (size > limit) fail(`${vsix} has ${size} bytes, more than the limit of ${limit}.`);
}

/** @returns {Record<string, string[]>} */
function readLists() {
  return /** @type {Record<string, string[]>} */ (readJson(listPath));
}

/** Writes what the VSIX files hold as the new committed list. @param {Map<string, string>} built target → path */
function writeLists(built) {
  const found = [...built].map(([target, path]) => ({ target, files: filesIn(path) }));
  const every = found[0]?.files.filter((name) => found.every(({ files }) => files.includes(name))) ?? [];
  const own = found.map(({ target, files }) => [target, files.filter((name) => !every.includes(name))]);
  writeFileSync(listPath, `${JSON.stringify({ every, ...Object.fromEntries(own) }, null, 2)}\n`);
}

/** @param {string} vsix */
function filesIn(vsix) {
  return zipEntries(readFileSync(vsix))
    .filter((name) => name.startsWith('extension/'))
    .map((name) => name.slice('extension/'.length))
    .sort();
}

/** Names in a zip archive's central directory. @param {Buffer} zip @returns {string[]} */
function zipEntries(zip) {
  const end = zip.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
  if (end < 0) fail('Not a zip archive: no end of central directory.');
  const count = zip.readUInt16LE(end + 10);
  let at = zip.readUInt32LE(end + 16);
  const names = [];
  for (let entry = 0; entry < count; entry += 1) {
    const nameLength = zip.readUInt16LE(at + 28);
    names.push(zip.toString('utf8', at + 46, at + 46 + nameLength));
    at += 46 + nameLength + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
  }
  return names;
}

/** @param {string} path @returns {unknown} */
function readJson(path) {
  return JSON.parse(readFileSync(path, 'utf8'));
}

/** @returns {{ version: string }} */
function manifest() {
  return /** @type {{ version: string }} */ (readJson(join(root, 'package.json')));
}

if (process.argv[1] === import.meta.filename) {
  run('node', [join(root, 'esbuild.mjs')], { cwd: root });
  const writing = process.argv.includes('--write-list');
  const named = process.argv.slice(2).filter((arg) => !arg.startsWith('--'));
  const targets = named.length > 0 && !writing ? named : vsixTargets;
  /** @type {Map<string, string>} */
  const built = new Map();
  for (const target of targets) {
    if (!vsixTargets.includes(target))
      fail(`No such target: ${target}. There are ${vsixTargets.join(', ')}.`);
    const out = packageVsix(target);
    if (!writing) checkVsix(target, out);
    built.set(target, out);
    process.stdout.write(`${relative(root, out)}  ${(statSync(out).size / 1e6).toFixed(1)} MB\n`);
  }
  if (writing) writeLists(built);
}
