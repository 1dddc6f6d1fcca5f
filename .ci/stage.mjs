// What a package of any kind is put together of: bundles, and as much of ONNX Runtime as the engine needs.
import { cpSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { globSync } from './glob.mjs';
import { fail } from './setup.mjs';

export const root = join(import.meta.dirname, '..');

/** Of dist/: what the command line runs. */
export const commandFiles =
  /^(cli|mcp|engine|kernelWorker|geometryWorker|s3|undici)\.cjs$|^\w+\.wasm$|^(report|runs|compare|followed-step|answers)\.schema\.json$/;

/** Of dist/: the pages. */
export const pageFiles = /^webview\/.*\.(js|css|ttf)$/;

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

/** Platforms with a native library, such as `linux-x64`. */
export const nativeTargets = Object.keys(nativeLibraries);

/**
 * Puts ONNX Runtime into a folder `node_modules`: WebAssembly, and the native library of each of the targets.
 * @param {string} modules @param {readonly string[]} targets
 */
export function stageRuntime(modules, targets) {
  for (const [name, wanted] of Object.entries(runtimeModules)) copyModule(name, modules, wanted);
  if (targets.length === 0) return;
  const binaries = targets.flatMap((target) => {
    const folder = `bin/napi-v6/${target.replace('-', '/')}`;
    const libraries = [...(nativeLibraries[target] ?? []), 'onnxruntime_binding.node'];
    return libraries.map((file) => exactly(`${folder}/${file}`));
  });
  copyModule('onnxruntime-node', modules, [...nativeModule, ...binaries]);
}

/** @param {string} name of an npm package @param {string} modules @param {RegExp[]} wanted */
function copyModule(name, modules, wanted) {
  for (const file of globSync(join(root, 'node_modules', name), '')) {
    const inside = slashed(relative(join(root, 'node_modules', name), file));
    if (wanted.some((pattern) => pattern.test(inside))) cpSync(file, join(modules, name, inside));
  }
}

/** @param {string} directory below the root @param {string} stage @param {(path: string) => boolean} wanted */
export function copy(directory, stage, wanted) {
  for (const file of globSync(join(root, directory), '')) {
    const inside = slashed(relative(join(root, directory), file));
    if (wanted(inside)) cpSync(file, join(stage, directory, inside));
  }
}

/** @param {string} path */
function slashed(path) {
  return path.replaceAll('\\', '/');
}

/** @param {string} text */
function exactly(text) {
  return new RegExp(`^${text.replaceAll('.', '\\.')}$`);
}

/**
 * Ends this process where a package does not hold what its committed list says.
 * @param {{ path: string, found: readonly string[] }} package
 * @param {{ expected: readonly string[], list: string, command: string }} committed
 */
export function requireFiles({ path, found }, { expected, list, command }) {
  const extra = found.filter((name) => !expected.includes(name));
  const missing = expected.filter((name) => !found.includes(name));
  if (extra.length + missing.length === 0) return;
  fail(
    `${path} does not hold the files in ${list}; extra: ${extra.join(', ') || 'none'}; ` +
      `missing: ${missing.join(', ') || 'none'}. If that is meant, run \`${command}\`.`,
  );
}

/** @param {string} path @returns {unknown} */
export function readJson(path) {
  return JSON.parse(readFileSync(path, 'utf8'));
}

/** package.json of this repository. @returns {Record<string, unknown> & { name: string, version: string }} */
export function manifest() {
  return /** @type {ReturnType<typeof manifest>} */ (readJson(join(root, 'package.json')));
}
