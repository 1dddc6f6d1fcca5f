// Type-checked lint, and the house's walls: which room may import which (ARCHITECTURE.md).
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

/**
 * Rooms that a folder must not reach into, as import patterns.
 * @param {string[]} files
 * @param {[string[], string][]} groups
 * @param {string[]} globals
 */
const wall = (files, groups, globals = []) => ({
  files,
  rules: {
    'no-restricted-imports': ['error', { patterns: groups.map(([group, message]) => ({ group, message })) }],
    'no-restricted-globals': ['error', ...globals],
  },
});

/** @type {[string[], string]} */
const noVscode = [['vscode'], 'Only src/extension imports vscode.'];
/** @type {[string[], string]} */
const noNode = [
  ['node:*', 'fs', 'path', 'worker_threads', 'child_process'],
  'This room is pure: no Node.js modules.',
];
/** @type {[string[], string]} */
const noOrt = [['onnxruntime-*'], 'Only src/node/gemm imports ONNX Runtime.'];
/** @type {[string[], string]} */
const noChart = [['chart.js', 'chart.js/*'], 'Only webview/parts/charts imports chart.js.'];
/** @type {[string[], string]} */
const noToolkit = [
  ['@vscode/webview-ui-toolkit'],
  'Only webview/parts/dom/toolkit.ts imports the UI toolkit.',
];
/** @param {string[]} names @returns {[string[], string]} */
const rooms = (...names) => [
  names.flatMap((name) => [`**/${name}/**`, `**/${name}`]),
  'The arrow between these rooms must not exist (ARCHITECTURE.md).',
];
/** AssemblyScript: TypeScript's syntax with types of its own, which the type checker does not know. */
const assembly = 'src/engine/*/assembly/**/*.ts';
const nodeGlobals = ['process', 'Buffer', 'require', 'window', 'document'];

export default defineConfig(
  {
    ignores: ['dist/**', 'node_modules/**', '.vscode-test/**', '.bench/**'],
  },
  {
    files: ['**/*.ts', '**/*.mjs'],
    ignores: [assembly],
    extends: [...tseslint.configs.strictTypeChecked, ...tseslint.configs.stylisticTypeChecked],
    languageOptions: {
      parserOptions: {
        project: ['./tsconfig.json', './webview/tsconfig.json', './.ci/tsconfig.eslint.json'],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/no-unnecessary-condition': ['error', { allowConstantLoopConditions: true }],
      eqeqeq: 'error',
      'no-console': 'error',
      'no-param-reassign': 'error',
      'prefer-const': 'error',
    },
  },
  {
    files: [assembly],
    extends: [tseslint.configs.base],
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      '@typescript-eslint/naming-convention': [
        'error',
        { selector: ['function', 'parameter'], format: ['camelCase'] },
        { selector: 'variable', format: ['camelCase', 'UPPER_CASE'] },
        { selector: 'typeLike', format: ['PascalCase'] },
      ],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/no-shadow': 'error',
      '@typescript-eslint/no-unused-vars': 'error',
      eqeqeq: 'error',
      'no-constant-condition': ['error', { checkLoops: false }],
      'no-self-assign': 'error',
      'no-unreachable': 'error',
      'no-var': 'error',
      'prefer-const': 'error',
    },
  },
  {
    // A numeric algorithm reads better in one piece; everything else is cut before it is this long.
    files: [
      'src/{shared,cli,extension}/**/*.ts',
      'src/engine/{files,checkpoint,formats,opening,adapters,pairing,updates,trainingConfig}/**/*.ts',
    ],
    rules: {
      'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
      'max-params': ['error', 5],
    },
  },
  {
    // Numeric kernels index typed arrays in counted loops; the index is proven by the loop bound.
    files: ['src/engine/{linalg,gates,kernels,updates,masks,patches,runs}/**', 'test/**'],
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/prefer-for-of': 'off',
    },
  },
  wall(
    ['src/shared/**'],
    [noVscode, noNode, noOrt, noChart, noToolkit, rooms('engine', 'node', 'cli', 'extension', 'webview')],
    nodeGlobals,
  ),
  wall(
    ['src/engine/**'],
    [noVscode, noNode, noOrt, noChart, noToolkit, rooms('node', 'cli', 'extension', 'webview')],
    nodeGlobals,
  ),
  wall(
    // The ground of the engine: files, and what untrusted bytes in them may say.
    ['src/engine/files/**'],
    [
      noVscode,
      noNode,
      noOrt,
      noChart,
      noToolkit,
      rooms('node', 'cli', 'extension', 'webview', 'checkpoint', 'formats', 'opening', 'adapters', 'pairing'),
      rooms('updates', 'trainingConfig', 'kernels', 'linalg', 'gates', 'masks', 'runs', 'analysis'),
    ],
    nodeGlobals,
  ),
  wall(['src/node/**'], [noVscode, noOrt, noChart, noToolkit, rooms('cli', 'extension', 'webview')]),
  wall(['src/node/gemm/**'], [noVscode, noChart, noToolkit, rooms('cli', 'extension', 'webview')]),
  wall(['src/cli/**'], [noVscode, noOrt, noChart, noToolkit, rooms('extension', 'webview')]),
  wall(
    ['src/extension/**'],
    // The editor's process reads headers and configs, and never computes: of the engine, those rooms and their ground.
    [
      noOrt,
      noChart,
      noToolkit,
      rooms('cli', 'webview', 'linalg', 'kernels', 'gates', 'updates', 'analysis', 'workers', 'gemm'),
    ],
  ),
  wall(['webview/**'], [noVscode, noNode, noOrt, rooms('engine', 'node', 'cli', 'extension')]),
  { files: ['webview/**'], rules: { 'max-lines-per-function': ['error', { max: 60 }] } },
  {
    files: ['test/**', '.ci/**', '*.mjs'],
    rules: {
      'no-console': 'off',
      // node:test's describe and it return promises that the runner awaits.
      '@typescript-eslint/no-floating-promises': [
        'error',
        {
          allowForKnownSafeCalls: [
            {
              from: 'package',
              name: ['describe', 'it', 'test', 'before', 'after', 'beforeEach', 'afterEach'],
              package: 'node:test',
            },
          ],
        },
      ],
    },
  },
  { files: ['**/*.mjs'], rules: { '@typescript-eslint/explicit-module-boundary-types': 'off' } },
);
