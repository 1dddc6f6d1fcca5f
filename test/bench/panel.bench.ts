// The panel while an analysis streams into it: how long until its first paint, and how long each frame takes. What the
// stream leaves on screen is checked against the finished report before anything is printed.
//   node --import tsx test/bench/panel.bench.ts [--batches N] [--rank N]
import assert from 'node:assert/strict';
import { parseArgs } from 'node:util';
import type { Browser } from 'playwright-core';
import { formatBytes } from '../../src/shared/text/format.ts';
import { panelMessages, panelReport } from '../../src/shared/protocol/panelReport.ts';
import type { Report } from '../../src/shared/report/report.ts';
import { launch, openPanel, type PanelPage, type PanelWishes } from '../support/panelPage.ts';
import { makeDocument, makeReport } from '../support/reports.ts';
import { makeRun, type MadeRun } from '../support/analysisEventsOf.ts';

const { values } = parseArgs({
  options: { batches: { type: 'string', default: '40' }, rank: { type: 'string', default: '128' } },
});
const batches = Number(values.batches);
const rank = Number(values.rank);
/** As the host paces its batches. */
const pauseMs = 80;

const looked = 'model.layers.20.self_attn.q_proj.weight';

/** What the user is looking at while it streams. */
const looks: Record<string, object | null> = {
  'as it opens': null,
  'all layers open, sorted by drift, coloured by verdict': {
    expanded: Array.from({ length: 44 }, (_, layer) => String(layer)),
    sort: { column: 'relativeDrift', descending: true },
    heatMetric: 'geometry',
  },
  'one matrix selected': { selection: { kind: 'tensor', name: looked } },
};

interface Measured {
  /** Milliseconds between frames, by the clock. */
  frames: number[];
  /** Milliseconds of processor time of each task of the page's own thread: whatever else the machine does, these stay. */
  tasks: number[];
}

const browser = await launch();
try {
  await firstPaint(browser);
  for (const [model, leading, shown] of [
    ['deep', rank, Object.keys(looks)],
    // Curves are not streamed, so their length does not matter here; made-up ones of this size would fill the memory.
    ['moe', 2, ['as it opens']],
  ] as const) {
    const whole = makeReport({ model, rank: leading });
    const run = makeRun(whole, model, batches);
    const size = JSON.stringify(panelReport(whole)).length;
    console.log(
      `\n${whole.tensors.length} tensors, ${formatBytes(size)} without curves, in ${batches} batches, one every ${pauseMs} ms`,
    );
    for (const look of shown) await stream(browser, run, look, looks[look] ?? null);
  }
} finally {
  await browser.close();
}

/** The empty panel, and a whole report from its message to the frame that shows it. */
async function firstPaint(of: Browser): Promise<void> {
  const paints: number[] = [];
  const own: number[] = [];
  const shown: number[] = [];
  const document = makeDocument(makeReport({ model: 'deep', rank }));
  for (let round = 0; round < 5; round += 1) {
    const panel = await openPanel(of, null);
    const [paint, received] = await panel.page.evaluate<[number, number]>(`[
      performance.getEntriesByName('first-contentful-paint')[0].startTime,
      Math.max(...performance.getEntriesByType('resource').filter(({ name }) => /main/.test(name)).map(({ responseEnd }) => responseEnd)),
    ]`);
    paints.push(paint);
    own.push(paint - received);
    shown.push(
      await panel.page.evaluate<number>(`new Promise((resolve) => {
        const document_ = ${JSON.stringify(document)};
        const from = performance.now();
        globalThis.panelHost.emit('document', document_);
        const look = () => requestAnimationFrame(() => {
          if (document.querySelector('.table-body .row') === null) return look();
          const { port1, port2 } = new MessageChannel();
          port2.onmessage = () => resolve(performance.now() - from);
          port1.postMessage(0);
        });
        look();
      })`),
    );
    assert.match((await panel.page.locator('h1').textContent()) ?? '', /^In the range of published RLVR/u);
    await panel.page.close();
  }
  console.log(`first paint from navigation         ${spread(paints)}`);
  console.log(`  of it after script and style came ${spread(own)}`);
  console.log(`a whole report from message to frame ${spread(shown)}`);
}

async function stream(of: Browser, run: MadeRun, look: string, kept: object | null): Promise<void> {
  const wishes: PanelWishes = kept === null ? {} : { kept };
  const panel = await openPanel(of, makeDocument(run.started, { kind: 'running', progress: null }), wishes);
  await panel.know(run.whole.tensors.filter(({ name }) => name === looked));
  const measured = await pace(of, panel, run);
  await check(of, panel, run.whole, wishes);
  assert.deepEqual(panel.complaints, []);
  await panel.page.close();
  console.log(`\n${look}`);
  const perBatch = measured.tasks.reduce((sum, each) => sum + each, 0) / run.batches.length;
  console.log(`  frame to frame                   ${spread(measured.frames)}`);
  console.log(`  processor time of a task         ${spread(measured.tasks.filter((each) => each > 1))}`);
  console.log(`  processor time of a batch, mean  ${perBatch.toFixed(1)} ms`);
}

async function pace(of: Browser, { page }: PanelPage, { batches: sent }: MadeRun): Promise<Measured> {
  const messages = sent.map((events) => panelMessages(events));
  await page.evaluate(`globalThis.batches = ${JSON.stringify(messages)}`);
  await of.startTracing(page, { categories: ['toplevel', '__metadata'] });
  const frames = await page.evaluate<number[]>(`new Promise((resolve) => {
    const frames = [];
    let last = null, at = 0;
    const frame = (now) => {
      if (last !== null) frames.push(now - last);
      last = now;
      if (at < batches.length + 3) requestAnimationFrame(frame);
      else resolve(frames);
    };
    requestAnimationFrame(frame);
    const timer = setInterval(() => {
      const messages = batches[at++];
      if (messages === undefined) {
        if (at > batches.length + 3) clearInterval(timer);
        return;
      }
      for (const events of messages) {
        panelHost.emit('events', events);
        for (const event of events)
          if (event.kind === 'progress') panelHost.emit('run', { kind: 'running', progress: event.progress });
      }
    }, ${pauseMs});
  })`);
  return { frames, tasks: mainThreadTasks(await of.stopTracing()) };
}

interface TraceEvent {
  ph: string;
  name: string;
  pid: number;
  tid: number;
  /** Processor time, microseconds. */
  tdur?: number;
  args: { name?: string };
}

/** Of a trace, the tasks of the thread that runs the page. */
function mainThreadTasks(trace: Buffer): number[] {
  const { traceEvents } = JSON.parse(trace.toString('utf8')) as { traceEvents: TraceEvent[] };
  const thread = ({ pid, tid }: TraceEvent): string => `${pid} ${tid}`;
  const renderers = new Set(
    traceEvents
      .filter(({ name, args }) => name === 'thread_name' && args.name === 'CrRendererMain')
      .map(thread),
  );
  const tasks = traceEvents.filter(
    (event) => event.ph === 'X' && /(^|:)RunTask$/u.test(event.name) && renderers.has(thread(event)),
  );
  const outermost = tasks.some(({ name }) => name === 'RunTask') ? 'RunTask' : tasks[0]?.name;
  return tasks.filter(({ name }) => name === outermost).map(({ tdur = 0 }) => tdur / 1000);
}

/** What streamed in reads as the finished report does when it is opened, word for word. */
async function check(of: Browser, panel: PanelPage, whole: Report, wishes: PanelWishes): Promise<void> {
  await panel.stream([{ kind: 'finished', report: whole }]);
  await panel.emit('run', { kind: 'complete' });
  await panel.settle();
  const opened = await openPanel(of, makeDocument(whole), wishes);
  const words = async ({ page }: PanelPage): Promise<string[]> =>
    (await page.locator('#app').ariaSnapshot()).split('\n');
  const [streamed, expected] = [await words(panel), await words(opened)];
  const at = expected.findIndex((line, index) => line !== streamed[index]);
  assert.equal(streamed[at], expected[at], `line ${at} of what a screen reader finds`);
  assert.equal(streamed.length, expected.length);
  await opened.page.close();
}

function spread(numbers: readonly number[]): string {
  const sorted = [...numbers].sort((one, other) => one - other);
  const at = (share: number): string =>
    (sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN).toFixed(1);
  return `p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, max ${at(1)} ms`;
}
