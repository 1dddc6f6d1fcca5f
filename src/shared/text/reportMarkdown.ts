// A report as Markdown, for an issue or a model card. Everything that comes from a file is escaped.
import { adapterNote, adapterSummary } from './adapterTables.ts';
import { formatBytes, formatCount, formatShare } from './format.ts';
import { beyondCell, beyondLegend } from './besideNull.ts';
import { limitColumns, limitRows, limitsSentence } from './limitsTables.ts';
import { escapeMarkdown } from './markdownText.ts';
import { gateNames } from '../options/options.ts';
import { missedIn } from '../report/missed.ts';
import { publishedNotes, publishedRegimes, publishedRows, publishedTitles } from './publishedTables.ts';
import type { Aggregate, CheckpointInfo, Report } from '../report/report.ts';
import { estimateColumns, estimateNote, estimateRows } from './sampleText.ts';
import { aggregateCells, aggregateColumns, layerTitle, moduleTitle } from './reportTables.ts';
import { syncNote, syncRows, syncTitle } from './syncText.ts';
import { curvatureText, optimizerText, stepText } from './trainingText.ts';
import { gateSection, madeBy, verdictHead } from './verdictMarkdown.ts';

export function reportMarkdown(report: Report): string {
  const { summary, pair, coverage, problems } = report;
  const { kl } = summary;
  const lines = [
    ...verdictHead(report, '#'),
    ...sampleSection(report),
    ...limitsSection(report),
    ...gateNames.flatMap((gate) => gateSection(report, gate, '##')),
    `KL to the reference: ${
      kl.value === null
        ? escapeMarkdown(kl.reason)
        : `${kl.value.lastNotFinite === undefined ? '' : `${kl.value.lastNotFinite}; before it `}${kl.value.last} (last), ${kl.value.mean} (mean), ${kl.value.peak} (peak), logged as ${escapeMarkdown(kl.value.key)} in ${escapeMarkdown(kl.value.file)}`
    }`,
    '',
    `Mean curvature of the KL along the update: ${escapeMarkdown(curvatureText(summary))}`,
    '',
    `Largest |Δ| over the sum of learning rates: ${escapeMarkdown(stepText(summary))}`,
    '',
    ...(summary.optimizer === null
      ? []
      : [`Optimizer: ${escapeMarkdown(optimizerText(summary.optimizer))}`, '']),
    ...aggregateTable(
      'Layer',
      report.layers.map((layer) => [layerTitle(layer), layer] as const),
    ),
    '',
    ...aggregateTable(
      'Module',
      report.modules.map((module) => [moduleTitle(module), module] as const),
    ),
    '',
    beyondLegend,
    '',
    ...publishedSection(report),
    ...adapterSection(report),
    ...syncSection(report),
    '## What was compared',
    '',
    `- base: ${side(pair.base)}`,
    `- tuned: ${side(pair.tuned)}`,
    `- ${formatShare(coverage.share)} of ${formatCount(coverage.elements)} parameters compared`,
    ...[...coverage.notes, ...missedIn(coverage).missed.map(({ reason }) => reason.message)].map(item),
    ...problems.map(({ message }) => item(message)),
    '',
    madeBy(report),
  ];
  return `${lines.join('\n')}\n`;
}

/** What sending the update takes. */
function syncSection({ summary: { sync } }: Report): string[] {
  if (sync === undefined || sync.value === null) return [];
  const rows = syncRows(sync.value).map(({ title, bytes, share }) => `| ${title} | ${bytes} | ${share} |`);
  return [
    `## ${syncTitle}`,
    '',
    '| format | bytes | of dense |',
    '| --- | ---: | ---: |',
    ...rows,
    '',
    syncNote,
    '',
  ];
}

/** What the limits came to, broken ones first; nothing without limits. */
function limitsSection({ limits }: Report): string[] {
  if (limits === undefined) return [];
  const rows = limitRows(limits).map(({ standing, cells: [limit, ...rest] }) => {
    const word = limit === '' ? '' : standing;
    return [word, limit, ...rest].map(escapeMarkdown);
  });
  const table = [['', ...limitColumns], ['---', '---', '---:', '---', '---'], ...rows];
  const said = limitsSentence(limits);
  return [
    '## Limits',
    '',
    `${said[0]?.toUpperCase() ?? ''}${said.slice(1)}.`,
    '',
    ...table.map((cells) => `| ${cells.join(' | ')} |`),
    '',
  ];
}

/** Where only a sample of the tensors was read. */
function sampleSection({ sample }: Report): string[] {
  if (sample === undefined) return [];
  const table = [[...estimateColumns], ['---', '---:', '---:'], ...estimateRows(sample)];
  return [
    '## From the sample',
    '',
    ...table.map((cells) => `| ${cells.join(' | ')} |`),
    '',
    estimateNote,
    '',
  ];
}

function adapterSection(report: Report): string[] {
  const summary = adapterSummary(report);
  if (summary === null) return [];
  const [head = [], ...rows] = summary.table;
  const rule = head.map((_, column) => (column === 0 ? '---' : '---:'));
  return [
    '## Adapter',
    '',
    ...summary.lines.map(escapeMarkdown),
    '',
    ...[head, rule, ...rows].map((cells) => `| ${cells.join(' | ')} |`),
    '',
    adapterNote,
    '',
  ];
}

/** Only where the profile asks for it. */
function publishedSection({ published, options }: Report): string[] {
  if (published === null || options.profile !== 'published') return [];
  const rows = publishedRows(published);
  const head = [
    'statistic',
    'measured',
    ...publishedRegimes.map((regime) => publishedTitles[regime]),
    'over',
  ];
  const rule = head.map((_, column) => (column === 1 ? '---:' : '---'));
  const body = rows.map(({ title, statistic, measured, bands, over }) =>
    [`${title} (${statistic})`, measured, ...bands, over].map(escapeMarkdown),
  );
  return [
    '## As published',
    '',
    ...[head, rule, ...body].map((cells) => `| ${cells.join(' | ')} |`),
    '',
    ...publishedNotes(rows).map(item),
    '',
  ];
}

function aggregateTable(title: string, rows: readonly (readonly [string, Aggregate])[]): string[] {
  const head = [title, ...aggregateColumns, 'anchor', 'geometry', 'precision', 'beyond size'];
  const rule = head.map((_, column) => (column > 0 && column <= aggregateColumns.length ? '---:' : '---'));
  const body = rows.map(([name, aggregate]) => [
    escapeMarkdown(name),
    ...aggregateCells(aggregate),
    ...gateNames.map((gate) => aggregate.verdicts[gate].verdict),
    beyondCell(aggregate.verdicts),
  ]);
  return [head, rule, ...body].map((cells) => `| ${cells.join(' | ')} |`);
}

function side({ path, parameters, dtypes, bytes }: CheckpointInfo): string {
  return `${escapeMarkdown(path)} (${formatCount(parameters)} parameters, ${Object.keys(dtypes).join(', ')}, ${formatBytes(bytes)})`;
}

function item(text: string): string {
  return `- ${escapeMarkdown(text)}`;
}
