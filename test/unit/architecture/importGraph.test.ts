// The arrows of ARCHITECTURE.md, over every import in src and webview, type-only ones included; and what the built
// bundles hold, as no lint rule sees through a dependency.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { describe, it } from 'node:test';
import ts from 'typescript';
import { globSync } from '../../../.ci/glob.mjs';
import { allowed } from './rooms.ts';

process.chdir(resolve(import.meta.dirname, '../../..'));

/** Packages that one file or folder alone may import. */
const sole: Record<string, string> = {
  'chart.js': 'webview/parts/charts/',
  '@vscode/webview-ui-toolkit': 'webview/parts/dom/toolkit.ts',
  '@huggingface/hub': 'src/node/remote/',
  '@aws-sdk/client-s3': 'src/node/remote/s3/',
  undici: 'src/node/remote/undici.ts',
  '@modelcontextprotocol/sdk': 'src/mcp/',
  vscode: 'src/extension/',
  'onnxruntime-node': 'src/node/gemm/',
  'onnxruntime-web': 'src/node/gemm/',
};

interface Import {
  from: string;
  /** A file below the root, or a package. */
  to: string;
}

function roomOf(path: string): string {
  const rooms = Object.keys(allowed).filter((room) => path === room || path.startsWith(`${room}/`));
  return rooms.sort((left, right) => right.length - left.length)[0] ?? path;
}

function permits(pattern: string, target: string): boolean {
  const star = pattern.indexOf('*');
  if (star === -1) return pattern === target;
  return target.startsWith(pattern.slice(0, star)) && target.endsWith(pattern.slice(star + 1));
}

const imports: Import[] = ['src', 'webview']
  .flatMap((folder) => globSync(folder, '.ts'))
  // AssemblyScript is a language of its own; it imports only itself.
  .filter((file) => !file.includes('/assembly/'))
  .flatMap((from) => {
    const text = readFileSync(from, 'utf8');
    return ts.preProcessFile(text).importedFiles.map(({ fileName }) => ({
      from,
      to: fileName.startsWith('.') ? join(dirname(from), fileName) : fileName,
    }));
  })
  // A style sheet of one page is no business of another's either.
  .concat(
    globSync('webview', '.css').flatMap((from) =>
      [...readFileSync(from, 'utf8').matchAll(/@import '([^']*)'/gu)].map(([, path = '']) => ({
        from,
        to: join(dirname(from), path),
      })),
    ),
  );

describe('import graph', () => {
  it('sees the imports of every room', () => {
    for (const room of Object.keys(allowed).filter((each) => existsSync(each))) {
      const files = globSync(room, '.ts').filter((file) => roomOf(file) === room);
      assert.ok(files.length > 0, `${room} is empty: does the test still look in the right place?`);
    }
    assert.ok(imports.length > 100);
  });

  it('holds only the arrows that ARCHITECTURE.md draws', () => {
    const broken = imports.filter(({ from, to }) => {
      const [room, target] = [roomOf(from), roomOf(to)];
      return room !== target && !(allowed[room] ?? []).some((pattern) => permits(pattern, target));
    });
    assert.deepEqual(broken, []);
  });

  it('has one importer each of VS Code, ONNX Runtime, chart.js and the UI toolkit', () => {
    const broken = imports.filter(({ from, to }) => {
      const owner = Object.entries(sole).find(([name]) => to === name || to.startsWith(`${name}/`))?.[1];
      return owner !== undefined && !from.startsWith(owner);
    });
    assert.deepEqual(broken, []);
  });

  it('has one place that asks the editor for its API', () => {
    const callers = globSync('webview', '.ts').filter((file) =>
      /\bacquireVsCodeApi\(/u.test(readFileSync(file, 'utf8')),
    );
    assert.deepEqual(callers, ['webview/host/bridge.ts']);
  });

  it('has no circle of modules', () => {
    // Type-only imports too: they are gone when the code runs, but not when it is read.
    const next = new Map<string, string[]>();
    for (const { from, to } of imports) next.set(from, [...(next.get(from) ?? []), to]);
    const done = new Set<string>();
    const walk = (file: string, path: readonly string[]): void => {
      const at = path.indexOf(file);
      assert.equal(at, -1, `circle: ${[...path.slice(at), file].join(' → ')}`);
      if (done.has(file)) return;
      for (const target of next.get(file) ?? []) walk(target, [...path, file]);
      done.add(file);
    };
    for (const file of next.keys()) walk(file, []);
    assert.ok(done.size > 100);
  });
});

describe('bundles', () => {
  const bundle = (path: string): string => readFileSync(join('dist', path), 'utf8');

  it('keep ONNX Runtime, and all of the computation, out of what the editor and the panel load', () => {
    for (const path of ['extension.cjs', 'webview/main.js']) {
      if (!existsSync(join('dist', path))) continue;
      for (const word of ['onnxruntime', 'linalg.wasm', 'kernels.wasm']) {
        assert.ok(!bundle(path).includes(word), `${path} holds ${word}`);
      }
    }
    // The word is there where it belongs, so its absence elsewhere says something.
    assert.ok(bundle('engine.cjs').includes('onnxruntime'));
    assert.ok(bundle('engine.cjs').includes('linalg.wasm'));
  });

  it('keep Node.js and VS Code out of the panel', () => {
    const page = bundle('webview/main.js');
    assert.doesNotMatch(page, /require\(["'](?:node:|vscode)/);
  });

  it('load the engine from the command line only as a process', () => {
    assert.ok(!bundle('cli.cjs').includes('onnxruntime'));
    assert.ok(!bundle('cli.cjs').includes('kernels.wasm'));
  });
});
