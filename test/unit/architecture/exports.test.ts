// Every export has somebody who imports it, and somebody outside the tests; every kernel that a WebAssembly module
// exports is called. What nothing imports is deleted, or kept within its file.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, it } from 'node:test';
import { globSync } from '../../../.ci/glob.mjs';
import { namesOf } from './moduleExports.ts';

process.chdir(resolve(import.meta.dirname, '../../..'));

/** Read by something that is no module of ours. */
const entryPoints: Record<string, string> = {
  'src/extension/activate.ts#activate': 'VS Code calls it',
  'test/e2e/support/probe/extension.ts#activate': 'VS Code calls it',
  'src/api/index.ts#*': 'the exports of the npm package',
  'src/engine/kernels/assembly/index.ts#*': 'the exports of kernels.wasm',
  'src/engine/linalg/assembly/index.ts#*': 'the exports of linalg.wasm',
};

/** Exported for tests alone, with the reason; the module itself uses each of them. */
const forTests: Record<string, string[]> = {
  'a table that another file is held to': ['src/extension/settings/settingsTable.ts#settingsTable'],
  'a formula held to numbers that another implementation computed': [
    'src/engine/gates/precision.ts#absorbedCount',
    'src/engine/gates/publishedProfile.ts#publishedRank',
    'src/engine/gates/sizeMatched.ts#roundedEnergy',
    'src/engine/masks/randomMask.ts#draw',
    'webview/parts/theme/color.ts#contrast',
    'webview/parts/theme/color.ts#lightness',
    'webview/parts/theme/color.ts#mix',
  ],
  'a decision whose edges are tested one by one': [
    'src/engine/gates/countMasks.ts#settled',
    'src/engine/kernels/slabSide.ts#placeToReadTo',
    'src/engine/opening/hfCache.ts#cacheRoots',
    'src/engine/trainingConfig/pickle/trainingArgs.ts#parseTrainingArgs',
    'src/node/disk/nodeFileSystem.ts#readError',
    'webview/pair/heatmap/look.ts#lookOf',
    'webview/parts/charts/captions.ts#crosses',
    'webview/runs/runsCharts.ts#independent',
    'webview/pair/table/rows.ts#tensorValue',
  ],
  'what is said, without a terminal or a page to say it in': [
    'src/shared/text/adapterTables.ts#absorbed',
    'src/shared/text/besideNull.ts#randomText',
    'webview/pair/charts/builders.ts#anglesChart',
    'webview/pair/charts/builders.ts#spectrumChart',
  ],
  'packed with the library of one platform alone': ['.ci/packageNpm.mjs#packageNpm'],
  'a limit or part that made-up data must agree with': [
    'src/engine/analysis/plan.ts#layoutOfView',
    'src/engine/kernels/roundingWatch.ts#noRounding',
    'src/engine/opening/scanForCheckpoints.ts#defaultScanLimits',
    'src/shared/protocol/panelReport.ts#panelTensor',
    'src/shared/protocol/panelReport.ts#tensorsPerMessage',
  ],
  'the type of what a test makes up': [
    'src/engine/gates/geometry.ts#GeometryEngine',
    'src/engine/gates/nullGeometry.ts#Spectrum',
    'src/engine/gates/verdict.ts#GeometryReadings',
    'src/engine/gates/verdict.ts#Judged',
    'src/engine/linalg/maskCounter.ts#MaskRange',
    'src/shared/report/publishedStatistics.ts#PublishedCurve',
  ],
};

const modules = ['src', 'webview', 'test', '.ci']
  .flatMap((folder) => [...globSync(folder, '.ts'), ...globSync(folder, '.mjs')])
  .concat('esbuild.mjs')
  .filter((file) => !file.endsWith('.d.ts'))
  .map(namesOf);

function importersOf(name: string): string[] {
  const whole = name.replace(/#.*/, '#*');
  return modules
    .filter(({ imported }) => imported.includes(name) || imported.includes(whole))
    .map(({ file }) => file);
}

const all = modules.flatMap(({ file, exported }) => exported.map((name) => `${file}#${name}`));
const isTest = (file: string): boolean => file.startsWith('test/');
const isEntry = (name: string): boolean => name in entryPoints || name.replace(/#.*/, '#*') in entryPoints;
const ports = Object.values(forTests).flat();

describe('exports', () => {
  it('are found', () => {
    assert.ok(all.length > 1000);
    assert.ok(all.includes('src/extension/activate.ts#activate'));
    assert.deepEqual(importersOf('src/engine/linalg/assembly/cholesky.ts#choleskyInverse'), [
      'src/engine/linalg/assembly/index.ts',
    ]);
  });

  it('are imported by somebody', () => {
    const dead = all.filter((name) => !isEntry(name) && importersOf(name).length === 0);
    assert.deepEqual(dead, []);
  });

  it('are imported by more than tests, but for those named above', () => {
    const found = all.filter((name) => {
      const importers = importersOf(name);
      return !isTest(name) && importers.length > 0 && importers.every(isTest);
    });
    assert.deepEqual(found.sort(), [...ports].sort());
  });

  it('that are for tests are used in their module as well', () => {
    const unused = ports.filter((port) => {
      const [file = '', name = ''] = port.split('#');
      const uses = readFileSync(file, 'utf8').match(new RegExp(`\\b${name}\\b`, 'g')) ?? [];
      return uses.length < 2 && name !== 'settingsTable';
    });
    assert.deepEqual(unused, []);
  });

  it('of src have one meaning a name, as far as they are types', () => {
    const isType = /^[A-Z]/;
    const files = new Map<string, string[]>();
    // The API passes on the types of the rooms under their own names.
    for (const { file, exported } of modules.filter(({ file: each }) =>
      /^src\/(?!.*\/assembly\/|api\/index\.ts)/.test(each),
    )) {
      for (const name of exported.filter((each) => isType.test(each))) {
        files.set(name, [...(files.get(name) ?? []), file]);
      }
    }
    assert.deepEqual(
      [...files].filter(([, where]) => where.length > 1),
      [],
    );
  });

  for (const room of ['kernels', 'linalg']) {
    it(`of ${room}.wasm are called`, () => {
      const code = globSync(`src/engine/${room}`, '.ts')
        .filter((file) => !file.includes('/assembly/'))
        .map((file) => readFileSync(file, 'utf8'))
        .join('\n');
      const module = new WebAssembly.Module(readFileSync(`dist/${room}.wasm`));
      const names = WebAssembly.Module.exports(module)
        .filter(({ kind }) => kind === 'function')
        .map(({ name }) => name);
      assert.ok(names.length > 10);
      assert.deepEqual(
        // Called, or named in a table of kernels to choose from.
        names.filter((name) => !new RegExp(`\\.${name}\\b|: '${name}'`).test(code)),
        [],
      );
    });
  }
});
