// `npm run package [target…]`: one VSIX per platform with the native library that matches, and a universal one that
// has WebAssembly only. Each is held to a committed file list and a size bound before it counts as built.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
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

const listPath = join(import.meta.dirname, 'vsixFiles.json');

const vsixTargets = [...nativeTargets, 'universal'];

/** Largest VSIX in bytes: what each weighs today and about a tenth to grow. */
const sizeLimits = { native: 27_000_000, universal: 10_000_000 };

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
  stageRuntime(join(stage, 'dist/node_modules'), target === 'universal' ? [] : [target]);
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
  copy('dist', stage, (path) => commandFiles.test(path) || path === 'extension.cjs' || pageFiles.test(path));
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

/**
 * Holds a VSIX to the committed list and the size bound; returns what it holds.
 * @param {string} target @param {string} vsix
 */
export function checkVsix(target, vsix) {
  const lists = readLists();
  const expected = [...(lists['every'] ?? []), ...(lists[target] ?? [])];
  requireFiles(
    { path: vsix, found: filesIn(vsix) },
    { expected, list: '.ci/vsixFiles.json', command: 'npm run package -- --write-list' },
  );
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
