// Kept results on one directory that two windows share: neither loses what the other one adds, replaces or clears.
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { RunRequest } from '../../../src/node/runs/pairRun.ts';
import { ReportStore } from '../../../src/node/runs/reportStore.ts';
import { defaultOptions } from '../../../src/shared/options/catalogue.ts';
import { makeReport } from '../../support/reports.ts';

let home = '';
let directory = '';

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'three-gate-reports-'));
  directory = join(home, 'reports');
});
afterEach(() => {
  rmSync(home, { recursive: true });
});

/** A pair whose two sides are files. */
function pair(name: string): RunRequest {
  const [basePath, tunedPath] = ['base', 'tuned'].map((side) => join(home, `${name}-${side}.safetensors`));
  for (const path of [basePath, tunedPath]) writeFileSync(path ?? '', name);
  const options = { ...defaultOptions };
  return {
    basePath: basePath ?? '',
    tunedPath: tunedPath ?? '',
    configPaths: null,
    options,
    cacheDirectory: null,
  };
}

const report = makeReport();

describe('two report stores on one directory', () => {
  it('see each other’s results, whichever looked first', async () => {
    const [one, two] = [new ReportStore(directory), new ReportStore(directory)];
    const [a, b, c] = [pair('a'), pair('b'), pair('c')];
    assert.deepEqual([await one.results(), await two.results()], [[], []]);
    await one.remember(a, report);
    await two.remember(b, report);
    await one.remember(c, report);
    for (const store of [one, two, new ReportStore(directory)]) {
      const found = (await store.results()).map(({ tunedPath }) => tunedPath);
      assert.deepEqual(found, [c.tunedPath, b.tunedPath, a.tunedPath]);
      for (const request of [a, b, c]) assert.deepEqual(await store.recall(request), report);
      assert.equal((await store.findByTuned(b.tunedPath))?.basePath, b.basePath);
    }
  });

  it('lose nothing when they write at once', async () => {
    const stores = [new ReportStore(directory), new ReportStore(directory)];
    const requests = Array.from({ length: 16 }, (_, index) => pair(`pair ${index}`));
    await Promise.all(
      requests.map(async (request, index) => {
        await stores[index % 2]?.remember(request, report);
      }),
    );
    for (const store of stores) assert.equal((await store.results()).length, 16);
    assert.deepEqual(
      readdirSync(directory).filter((name) => name.endsWith('.part')),
      [],
    );
  });

  it('see a result that the other one replaced or cleared', async () => {
    const [one, two] = [new ReportStore(directory), new ReportStore(directory)];
    const request = pair('a');
    await one.remember(request, report);
    const [first] = await two.results();
    assert.equal((await two.tensorVerdicts(first?.key ?? '')).size, report.tensors.length);
    await one.remember(request, { ...report, tensors: [] });
    const [second] = await two.results();
    assert.notEqual(second?.savedAt, first?.savedAt);
    assert.equal((await two.tensorVerdicts(first?.key ?? '')).size, 0);
    assert.ok((await one.clear()) > 0);
    assert.deepEqual([await two.results(), await two.recall(request)], [[], null]);
  });

  it('keep the newest fifty, of both, and what nobody knows only while it is young', async () => {
    const [one, two] = [new ReportStore(directory), new ReportStore(directory)];
    const requests = Array.from({ length: 52 }, (_, index) => pair(`pair ${index}`));
    for (const [index, request] of requests.entries()) {
      await (index % 2 === 0 ? one : two).remember(request, { ...report, tensors: [] });
    }
    assert.equal((await one.results()).length, 50);
    assert.equal(await two.recall(requests[0]!), null);
    for (const name of ['index.json', '0123.json']) writeFileSync(join(directory, name), '[]');
    utimesSync(join(directory, 'index.json'), 0, 0);
    await one.remember(requests[51]!, report);
    const names = readdirSync(directory);
    assert.deepEqual([names.includes('index.json'), names.includes('0123.json')], [false, true]);
    assert.equal(names.length, 3 * 50 + 1);
  });
});
