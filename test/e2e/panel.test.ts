// The built panel in a browser under the policy the extension serves it with: accessibility in four themes, hostile
// reports, streaming, keyboard, and what it sends to its host. Needs Chromium alone.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import type { Report } from '../../src/shared/report/report.ts';
import type { AnalysisEvent } from '../../src/shared/protocol/analysisEvents.ts';
import { formatWhole } from '../../src/shared/text/format.ts';
import { violations, violationsOfColour } from '../support/accessibility.ts';
import { launch, openPanel, otherThemes } from '../support/panelPage.ts';
import { panelStates } from '../support/panelStates.ts';
import { makeDocument, makeProgress, makeReport } from '../support/reports.ts';

const states = panelStates(['huge']);
const richest = ['complete', 'tensor', 'verdicts', 'running', 'crashed', 'hostile'];
const down = 'model.layers.2.mlp.down_proj.weight';

describe('panel', () => {
  let browser: Browser;
  before(async () => {
    browser = await launch();
  });
  after(async () => {
    await browser.close();
  });

  for (const [name, { document, kept = {} }] of Object.entries(states)) {
    it(`has no accessibility violation (${name})`, async () => {
      const panel = await openPanel(browser, document, { kept });
      assert.deepEqual(await violations(panel), [], name);
      // Structure does not depend on the theme: the others are walked for their colours, in the richest states.
      for (const theme of richest.includes(name) ? otherThemes : []) {
        await panel.setTheme(theme);
        assert.deepEqual(await violationsOfColour(panel), [], `${theme} ${name}`);
      }
      assert.deepEqual(panel.complaints, [], name);
      await panel.page.close();
    });
  }

  it('shows markup in names as text and runs none of it', async () => {
    const { document, kept } = states['hostile'] ?? assert.fail();
    const panel = await openPanel(browser, document, { kept: kept ?? {} });
    assert.equal(await panel.page.evaluate('globalThis.broken'), undefined);
    assert.equal(await panel.page.locator('#app img, #app b').count(), 0);
    assert.match((await panel.page.locator('h1').textContent()) ?? '', /<\/script><img/u);
    assert.deepEqual(panel.complaints, []);
    await panel.page.close();
  });

  it('never scrolls sideways as a page, from 400 px up', async () => {
    for (const name of ['complete', 'hostile', 'cancelled', 'crashed']) {
      const { document, kept = {} } = states[name] ?? assert.fail();
      const panel = await openPanel(browser, document, { width: 2560, kept });
      for (const width of [2560, 1800, 1280, 1000, 700, 400]) {
        await panel.setWidth(width);
        const overflow = await panel.page.evaluate<number>(
          'document.documentElement.scrollWidth - innerWidth',
        );
        assert.ok(overflow <= 0, `${name} at ${width} px is ${overflow} px too wide`);
      }
      await panel.page.close();
    }
  });

  it('walks and opens the table by keyboard, and keeps what was chosen', async () => {
    const report = makeReport({ model: 'nano', rank: 8 });
    const panel = await openPanel(browser, makeDocument(report));
    const { page } = panel;
    const focused = (): Promise<string> =>
      page.evaluate(`document.activeElement.querySelector('.name-text').textContent`);
    await page.locator('.table-body .row').first().focus();
    for (const key of [
      'ArrowDown',
      'ArrowDown',
      'ArrowRight',
      'ArrowRight',
      'End',
      'Home',
      'ArrowDown',
      'ArrowDown',
    ]) {
      await page.keyboard.press(key);
      await panel.settle();
    }
    assert.equal(await focused(), 'Layer 2');
    await page.getByRole('row', { name: 'mlp.down_proj' }).focus();
    await page.keyboard.press('Enter');
    await panel.settle();
    assert.equal(await page.locator('#detail-title').textContent(), down);
    assert.equal(await page.locator('.detail canvas:visible').count(), 7);
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('ArrowLeft');
    await panel.settle();
    assert.equal(await focused(), 'Layer 2');
    const kept = (await panel.kept()) as { selection: unknown; expanded: unknown };
    assert.deepEqual([kept.selection, kept.expanded], [{ kind: 'tensor', name: down }, []]);
    await page.close();

    const again = await openPanel(browser, makeDocument(report), {
      kept: { ...kept, heatMetric: 'geometry' },
    });
    assert.equal(await again.page.evaluate(`document.querySelector('.heat select').value`), 'geometry');
    assert.equal(await again.page.locator('#detail-title').textContent(), down);
    await again.page.close();
  });

  it('walks the heat map by keyboard and selects from it', async () => {
    const panel = await openPanel(browser, makeDocument(makeReport({ model: 'nano', rank: 8 })));
    const { page } = panel;
    await page.locator('.heat-cell[tabindex="0"]').focus();
    for (const key of ['ArrowRight', 'ArrowRight', 'ArrowDown', 'ArrowDown', 'ArrowDown', 'Enter']) {
      await page.keyboard.press(key);
    }
    await panel.settle();
    assert.equal(await page.locator('#detail-title').textContent(), 'model.layers.2.self_attn.o_proj.weight');
    assert.match((await page.locator('.readout').textContent()) ?? '', /^Layer 2, o: Unchanged in bf16 \d/u);
    await page.close();
  });

  it('filters, sorts and copies what is listed', async () => {
    const panel = await openPanel(browser, makeDocument(makeReport({ model: 'nano', rank: 8 })));
    const { page } = panel;
    await page.getByRole('button', { name: 'All tensors' }).click();
    await page.locator('.layers vscode-text-field input').fill('gate_proj');
    await page.getByRole('button', { name: 'drift', exact: true }).click();
    await panel.settle();
    assert.equal(await page.locator('.count').textContent(), '4 of 39 tensors');
    assert.equal(await page.locator('[aria-sort="descending"]').count(), 1);
    await page.locator('vscode-button', { hasText: 'Copy' }).click();
    await panel.settle();
    const copied = (await panel.sent()).find(({ method }) => method === 'copy');
    const { text } = copied?.params as { text: string };
    const lines = text.trimEnd().split('\n');
    assert.equal(lines.length, 5);
    const at = lines[0]?.split('\t').indexOf('relativeDrift') ?? -1;
    const drifts = lines.slice(1).map((line) => Number(line.split('\t')[at]));
    assert.deepEqual(
      drifts,
      [...drifts].sort((one, other) => other - one),
    );
    await page.close();
  });

  it('asks its host for every action it offers', async () => {
    const report = makeReport();
    const panel = await openPanel(
      browser,
      { ...makeDocument(report), unsaved: true },
      { kept: { selection: { kind: 'tensor', name: down } } },
    );
    const { page } = panel;
    await page.getByRole('button', { name: 'Swap base and tuned' }).click();
    await page.locator('vscode-button', { hasText: 'Save pair' }).click();
    await page.locator('vscode-button', { hasText: 'Analyse again' }).click();
    const exports = [
      'Copy verdict as Markdown',
      'as JSON…',
      'Summary as Markdown…',
      'as CSV…',
      'Page to send…',
    ];
    for (const command of [...exports, 'Open file as text']) {
      await page.getByRole('button', { name: 'Export' }).click();
      await page.getByRole('menuitem', { name: command }).click();
    }
    await page.getByRole('button', { name: 'Choose file…' }).click();
    await page.getByRole('button', { name: 'All findings explained' }).click();
    await page.getByRole('button', { name: /^beta 0.001/u }).click();
    await page.getByRole('button', { name: 'PNG' }).first().click();
    await page.getByRole('button', { name: 'Copy data' }).first().click();
    await panel.emit('run', { kind: 'running', progress: makeProgress(report, 0.2) });
    await page.locator('vscode-button', { hasText: 'Cancel' }).click();
    await panel.emit('run', {
      kind: 'failed',
      problem: { code: 'engine-crashed', message: 'Gone.', file: null, tensor: null },
      canRetryWithWasm: true,
    });
    await page.locator('vscode-button', { hasText: 'Try with WebAssembly' }).click();
    await page.locator('vscode-button', { hasText: 'Show log' }).click();
    await page.locator('vscode-button', { hasText: 'Try again' }).click();
    const remote = { file: null, tensor: null };
    await panel.emit('run', {
      kind: 'failed',
      problem: { code: 'remote-cost', message: '12.0 GB are to be read from elsewhere.', ...remote },
      canRetryWithWasm: false,
    });
    await page.locator('vscode-button', { hasText: 'Read them' }).click();
    await panel.emit('run', { kind: 'running', progress: null });
    await panel.emit('run', {
      kind: 'failed',
      problem: { code: 'remote-denied', message: 'It may not be read.', ...remote },
      canRetryWithWasm: false,
    });
    await page.locator('vscode-button', { hasText: 'Set Token…' }).click();
    await panel.emit('run', { kind: 'cancelled' });
    await page.locator('vscode-button', { hasText: 'Resume' }).click();
    await panel.emit('document', { ...makeDocument(null), title: 'x' });
    await page.locator('vscode-button', { hasText: 'Choose training config…' }).click();
    await page.locator('.empty vscode-button', { hasText: 'Analyse' }).click();
    const sent = await panel.sent();
    const actions = sent.flatMap(({ method, params }) =>
      method === 'act' ? [(params as { action: string }).action] : [],
    );
    assert.deepEqual(actions, [
      ...['swap', 'save', 'run', 'copyMarkdown', 'exportJson', 'exportMarkdown', 'exportCsv', 'exportHtml'],
      'openAsText',
      ...['chooseConfig', 'openFindingsHelp', 'cancel', 'retryWithWasm', 'showLog', 'run'],
      ...['readRemote', 'setToken', 'run', 'chooseConfig', 'run'],
    ]);
    const reveal = sent.find(({ method }) => method === 'reveal');
    assert.deepEqual(reveal?.params, { location: report.training.config?.entries[1]?.location });
    const png = sent.find(({ method }) => method === 'savePng')?.params as { name: string; base64: string };
    assert.equal(png.name, 'model.layers.2.mlp.down_proj.weight-spectrum.png');
    assert.equal(Buffer.from(png.base64, 'base64').subarray(1, 4).toString('latin1'), 'PNG');
    assert.deepEqual(panel.complaints, []);
    await page.close();
  });

  it('colours the map by what is chosen, and lists what the verdict filter lets through', async () => {
    const report = makeReport({ model: 'nano', training: 'mixed', rank: 8 });
    const panel = await openPanel(browser, makeDocument(report));
    const { page } = panel;
    const label = (): Promise<string | null> => page.locator('.heat-cell').first().getAttribute('aria-label');
    for (const [choice, said] of [
      ['rotationMeanDeg', /Mean rotation \d/u],
      ['lowMagnitudeLift', /Low-magnitude lift ×\d/u],
      ['precision', /: (masked|partial|dense)$/u],
      ['sparsityBf16', /Unchanged in bf16 \d/u],
    ] as const) {
      await page.getByRole('combobox', { name: 'Colour by' }).selectOption(choice);
      await panel.settle();
      assert.match((await label()) ?? '', said);
    }
    for (const standing of ['holds', 'middle', 'broken', 'unknown'] as const) {
      await page.getByRole('combobox', { name: 'Filter by verdict' }).selectOption(`geometry:${standing}`);
      await panel.settle();
      const expected = report.tensors.filter(
        ({ verdicts }) => verdicts.geometry.standing === standing,
      ).length;
      assert.equal(await page.locator('.count').textContent(), `${expected} of 39 tensors`);
    }
    await page.getByRole('combobox', { name: 'Filter by verdict' }).selectOption('all');
    await page
      .getByRole('button', { name: 'Collapse all' })
      .or(page.getByRole('button', { name: 'Expand all' }))
      .click();
    await panel.settle();
    assert.equal(await page.locator('.table').getAttribute('aria-rowcount'), String(1 + 5 + 39));
    await page.getByRole('button', { name: 'Collapse all' }).click();
    await panel.settle();
    assert.equal(await page.locator('.table').getAttribute('aria-rowcount'), '6');
    await page.close();
  });

  it('gives no digits to a number that its error bound exceeds', async () => {
    const { document, kept } = states['unresolved'] ?? assert.fail();
    const panel = await openPanel(browser, document, { kept: kept ?? {} });
    const { page } = panel;
    const cell = page.locator('.heat-cell[data-state="unresolved"]').first();
    assert.match((await cell.getAttribute('aria-label')) ?? '', /Spectral drift below resolution$/u);
    const row = page.locator('.row.tensor', { hasText: 'mlp.down_proj' }).first();
    assert.match((await row.textContent()) ?? '', /below res\./u);
    assert.match((await page.locator('.numbers').textContent()) ?? '', /Spectral driftbelow resolution/u);
    assert.match((await page.locator('.legend').textContent()) ?? '', /below resolution/u);
    await page.close();
  });

  it('shows the adapter behind the tuned side', async () => {
    const { document, kept } = states['adapter'] ?? assert.fail();
    const panel = await openPanel(browser, document, { kept: kept ?? {} });
    const { page } = panel;
    assert.match((await page.locator('.facts').textContent()) ?? '', /LoRA rank 16/u);
    assert.match((await page.locator('.gate.precision').textContent()) ?? '', /Absorbed on merge41\.0 %/u);
    const numbers = (await page.locator('.numbers').textContent()) ?? '';
    assert.match(numbers, /AdapterLoRA, rank 16, scaling 2\.00/u);
    assert.match(numbers, /Base energy where A reads2\.62 %, by chance 4\.65 %/u);
    await page.close();
  });

  it('shows 10,000 tensors: scrolls to any of them, and fetches curves of the selected one alone', async () => {
    const huge = makeReport({ model: 'moe', rank: 2 });
    const panel = await openPanel(browser, makeDocument(huge));
    const { page } = panel;
    await page.getByRole('button', { name: 'All tensors' }).click();
    await panel.settle();
    assert.equal(await page.locator('.count').textContent(), `${formatWhole(huge.tensors.length)} tensors`);
    for (const at of [0.5, 1, 0.25]) {
      await page.evaluate(`{
        const element = document.querySelector('.table-scroll');
        element.scrollTop = ${at} * element.scrollHeight;
      }`);
      await panel.settle();
      // Only the rows in view exist, and they stand where they are read.
      const indices = await page.evaluate<number[]>(
        `[...document.querySelectorAll('.table-body .row')].map((row) => Number(row.dataset.index))`,
      );
      assert.ok(indices.length > 10 && indices.length < 60, `${indices.length} rows exist`);
      assert.deepEqual(
        indices,
        [...indices].sort((one, other) => one - other),
      );
      const first = indices[Math.floor(indices.length / 2)] ?? 0;
      assert.ok(Math.abs(first / huge.tensors.length - at) < 0.01, `row ${first} at ${at}`);
    }
    const { name } =
      huge.tensors.find(({ module, layer }) => module === 'experts' && layer === 7) ?? assert.fail();
    await page.locator('.layers vscode-text-field input').fill(name);
    await panel.settle();
    await page.locator('.table-body .row.tensor').first().click();
    await panel.settle();
    assert.equal(await page.locator('#detail-title').textContent(), name);
    assert.equal(await page.locator('.detail canvas:visible').count(), 7);
    const asked = (await panel.sent()).filter(({ method }) => method === 'curves');
    assert.deepEqual(
      asked.map(({ params }) => params),
      [{ name }],
    );
    assert.deepEqual(panel.complaints, []);
    await page.close();
  });

  it('touches the cells of what came, and no others', async () => {
    const report = makeReport({ model: 'nano', rank: 2 });
    const panel = await openPanel(browser, makeDocument(report, { kind: 'running', progress: null }));
    await panel.page.evaluate(`
      globalThis.touched = new Set();
      new MutationObserver((records) => {
        for (const { target } of records) touched.add(target.closest?.('.heat-cell, .row, .gate, .chart') ?? target);
      }).observe(document.querySelector('main'), { subtree: true, childList: true, attributes: true, characterData: true })`);
    const index = report.tensors.findIndex(({ name }) => name === down);
    const tensor = report.tensors[index] ?? assert.fail();
    await panel.stream([{ kind: 'tensors', changed: [{ index, tensor: { ...tensor } }] }]);
    await panel.settle();
    assert.equal(await panel.page.evaluate('touched.size'), 0, 'the same numbers again');
    const value = tensor.precision.value ?? assert.fail();
    const { counts } = value;
    const moved = { ...value, counts: { ...counts, changedBf16: Math.round(counts.compared * 0.22) } };
    await panel.stream([
      {
        kind: 'tensors',
        changed: [{ index, tensor: { ...tensor, precision: { value: moved, reason: null } } }],
      },
    ]);
    await panel.settle();
    assert.equal(await panel.page.evaluate('touched.size'), 1, 'one cell');
    await panel.page.close();
  });

  it('follows a theme change in what it painted', async () => {
    const panel = await openPanel(browser, makeDocument(makeReport({ model: 'nano', rank: 8 })));
    const cell = panel.page.locator('.heat-cell').first();
    const colorOf = (): Promise<string | null> => cell.getAttribute('style');
    const dark = await colorOf();
    await panel.setTheme('light-modern');
    assert.notEqual(await colorOf(), dark);
    await panel.page.close();
  });

  it('fills in as the engine streams, and ends as the whole report', async () => {
    const whole = makeReport({ rank: 16 });
    const started: Report = { ...makeReport({ rank: 16, done: -1, status: 'running' }) };
    const panel = await openPanel(browser, makeDocument(started, { kind: 'running', progress: null }));
    const { page } = panel;
    assert.equal(await page.locator('.heat-cell[data-state="measured"]').count(), 0);
    const half = whole.tensors.slice(0, 120).map((tensor, index) => ({ index, tensor }));
    const events: AnalysisEvent[] = [
      { kind: 'tensors', changed: half },
      { kind: 'progress', progress: makeProgress(whole, 0.5) },
    ];
    await panel.stream(events);
    await panel.settle();
    assert.ok((await page.locator('.heat-cell[data-state="measured"]').count()) > 80);
    assert.match(
      (await page.locator('.progress-text').textContent()) ?? '',
      /GB read · \d+ of 198 matrices .* left$/u,
    );
    // Of the bytes 80 %, which count a tenth, of the decompositions a half.
    assert.equal(await page.locator('[role=progressbar]').getAttribute('aria-valuenow'), '53');
    await panel.stream([{ kind: 'finished', report: whole }]);
    await panel.emit('run', { kind: 'complete' });
    await panel.settle();
    assert.equal(await page.locator('.progress').isVisible(), false);
    assert.equal(await page.locator('.heat-cell[data-state="pending"]').count(), 0);
    await page.close();
  });
});
