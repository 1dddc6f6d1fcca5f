// The head of the panel: which two checkpoints, the verdict in one sentence, how much was compared and by what.
import { formatBytes, formatCount, formatDuration, formatShare } from '../../src/shared/text/format.ts';
import type { PanelReport } from '../../src/shared/protocol/panelReport.ts';
import type { CheckpointInfo } from '../../src/shared/report/report.ts';
import { adapterSummary } from '../metrics/adapters.ts';
import { button } from '../toolkit.ts';
import { element, replaceChildren, setText, show } from '../view/dom.ts';
import { icon } from '../view/icons.ts';
import { menu } from '../view/menu.ts';
import type { Section, Tools } from '../view/section.ts';
import { tip } from '../view/tooltip.ts';
import { footprintLines, headline } from './headline.ts';

export function createHeader({ host }: Tools): Section {
  let report: PanelReport | null = null;
  const base = element('span', { class: 'side-name' });
  const tuned = element('span', { class: 'side-name' });
  const swap = element(
    'button',
    { class: 'quiet', type: 'button', 'aria-label': 'Swap base and tuned' },
    icon('swap'),
  );
  swap.addEventListener('click', () => {
    host.act('swap');
  });
  tip(swap, () => ['Swap base and tuned']);
  tip(base, () => (report === null ? [] : sideLines('Base', report.pair.base)));
  tip(tuned, () => (report === null ? [] : sideLines('Tuned', report.pair.tuned)));
  const pair = element(
    'p',
    { class: 'pair' },
    element('span', { class: 'dim' }, 'base '),
    base,
    element('span', { class: 'arrow', 'aria-label': 'to' }, ' → '),
    element('span', { class: 'dim' }, 'tuned '),
    tuned,
    swap,
  );
  const run = button('Analyse again', () => {
    host.act('run');
  });
  const save = button('Save pair…', () => {
    host.act('save');
  });
  const exports = menu('Export', [
    {
      label: 'Report as JSON…',
      run: () => {
        host.act('exportJson');
      },
    },
    {
      label: 'Summary as Markdown…',
      run: () => {
        host.act('exportMarkdown');
      },
    },
    {
      label: 'Table as CSV…',
      run: () => {
        host.act('exportCsv');
      },
    },
    {
      label: 'Open pair file as text',
      run: () => {
        host.act('openAsText');
      },
    },
  ]);
  const actions = element('div', { class: 'actions' }, save, exports, run);
  const lead = element('h1', {});
  const rest = element('p', { class: 'rest' });
  const evidence = element('p', { class: 'evidence' });
  tip(lead, () => footprintLines(report));
  const facts = element('p', { class: 'facts' });
  let shown: HeaderFact[] = [];
  const drawFacts = (found: HeaderFact[]): void => {
    const same = found.length === shown.length && found.every(({ text }, at) => text === shown[at]?.text);
    shown = found;
    if (same) return;
    const made = found.map(({ text, warning }, at) => {
      const fact = element(
        'span',
        { class: `fact${warning === true ? ' warned' : ''}` },
        warning === true ? icon('warning', 'warning') : null,
        text,
      );
      tip(fact, () => shown[at]?.lines ?? []);
      return fact;
    });
    replaceChildren(facts, ...made);
  };
  const root = element(
    'header',
    { class: 'header' },
    element('div', { class: 'identity' }, pair, actions),
    element('div', { class: 'headline' }, lead, rest, evidence),
    facts,
  );
  return {
    root,
    update({ document }, previous) {
      if (document === previous?.document) return;
      report = document?.report ?? null;
      setText(base, report?.pair.base.label ?? document?.basePath ?? '');
      setText(tuned, report?.pair.tuned.label ?? document?.tunedPath ?? '');
      show(pair, document !== null);
      show(save, document?.unsaved === true);
      show(exports, report !== null);
      show(run, document !== null && document.run.kind === 'complete');
      const lines = headline(document);
      [lead, rest, evidence].forEach((line, at) => {
        const text = joined(lines[at] ?? '');
        setText(line, text);
        show(line, text !== '');
      });
      show(facts, report !== null);
      if (report !== null) drawFacts(factsOf(report));
    },
  };
}

/** A number and its sign stay on one line. */
function joined(text: string): string {
  return text.replaceAll(/ (?=[%×])/gu, '\u00a0');
}

interface HeaderFact {
  text: string;
  lines: readonly string[];
  warning?: boolean;
}

function factsOf({ pair, coverage, engine, timings, tensors, summary }: PanelReport): HeaderFact[] {
  const dtypes = (info: CheckpointInfo): string => Object.keys(info.dtypes).join(' + ').toLowerCase();
  const [from, to] = [dtypes(pair.base), dtypes(pair.tuned)];
  const fact = (text: string, lines: readonly string[]): HeaderFact => ({ text, lines });
  const adapter = adapterSummary(tensors);
  const gemm = { native: 'native engine', wasm: 'WebAssembly engine', none: 'no matrix engine' }[engine.gemm];
  return [
    fact(`${formatCount(pair.tuned.parameters)} parameters`, sideLines('Tuned', pair.tuned)),
    fact(from === to ? from : `${from} → ${to}`, [
      'Number formats',
      'As stored in the files; several where a checkpoint mixes them.',
    ]),
    ...(adapter === null ? [] : [fact(adapter.name.text, adapter.name.lines)]),
    fact(`${formatShare(coverage.share)} compared`, [
      'Coverage',
      `${coverage.compared.toLocaleString('en')} of ${coverage.elements.toLocaleString('en')} parameters of both checkpoints together.`,
      ...coverage.notes,
    ]),
    ...nonFiniteFact(summary),
    fact(gemm, [
      engine.gemmLibrary,
      ...(engine.fallbackReason === null ? [] : [engine.fallbackReason]),
      `${engine.threads} threads, up to ${formatBytes(engine.memoryBytes)}, version ${engine.version}`,
    ]),
    fact(formatDuration(timings.elapsedMs), [
      'Elapsed time',
      `${formatBytes(timings.bytesRead)} read; weights ${formatDuration(timings.streamMs)}, matrices ${formatDuration(timings.geometryMs)}.`,
    ]),
  ];
}

/** What was left out of every metric is said beside how much was compared. */
function nonFiniteFact({ precision }: PanelReport['summary']): HeaderFact[] {
  const count = precision.value?.counts.nonFinite ?? 0;
  if (count === 0) return [];
  const lines = [
    'NaN or infinite',
    'Elements where a side is not a number; they are left out of every metric.',
  ];
  return [{ text: `${count.toLocaleString('en')} NaN or infinite`, lines, warning: true }];
}

function sideLines(side: string, info: CheckpointInfo): string[] {
  return [
    `${side}: ${info.label}`,
    info.path,
    [info.architecture, info.format, `${info.tensors} tensors`, formatBytes(info.bytes)]
      .filter(Boolean)
      .join(' · '),
    ...(info.step === null ? [] : [`Training step ${info.step}`]),
    ...(info.namedBase === null
      ? []
      : [`Names ${info.namedBase.name} as its base, in ${info.namedBase.from}`]),
  ];
}
