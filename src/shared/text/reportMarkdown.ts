// A report as Markdown, for an issue or a model card. Everything that comes from a file is escaped.
import { adapterNote, adapterSummary } from './adapterTables.ts';
import { formatBytes, formatCount, formatDuration, formatShare } from './format.ts';
import { beyondCell, beyondLegend, rowsBesideNull } from './besideNull.ts';
import { gateHeading } from './gates.ts';
import { limitColumns, limitRows, limitsSentence } from './limitsTables.ts';
import { escapeMarkdown } from './markdownText.ts';
import { formatLimit, metricTitle } from './metrics.ts';
import type { GeometryPool } from '../report/metrics.ts';
import { gateNames } from '../options/options.ts';
import { missedIn } from '../report/missed.ts';
import { publishedNotes, publishedRegimes, publishedRows, publishedTitles } from './publishedTables.ts';
import { regimeLines } from './regimeText.ts';
import type { Aggregate, CheckpointInfo, Report } from '../report/report.ts';
import { estimateColumns, estimateNote, estimateRows } from './sampleText.ts';
import { aggregateCells, aggregateColumns, layerTitle, moduleTitle } from './reportTables.ts';
import { curvatureText, optimizerText, stepText } from './trainingText.ts';
import type { GateVerdict } from '../report/verdicts.ts';

export function reportMarkdown(report: Report): string {
  const { summary, pair, coverage, timings, engine, problems } = report;
  const { kl } = summary;
  const lines = [
    `# ${escapeMarkdown(pair.base.label)} → ${escapeMarkdown(pair.tuned.label)}`,
    '',
    ...(report.status === 'complete'
      ? []
      : [`*This report is ${report.status}: it holds what was measured so far.*`, '']),
    `**${escapeMarkdown(summary.regime.headline)}** (\`${summary.regime.name}\`)`,
    '',
    ...regimeLines(summary.regime).flatMap((line) => [escapeMarkdown(line), '']),
    ...sampleSection(report),
    ...limitsSection(report),
    ...gateNames.flatMap((gate) => [...gateSection(summary.gates[gate], summary.geometry.value), '']),
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
    '## What was compared',
    '',
    `- base: ${side(pair.base)}`,
    `- tuned: ${side(pair.tuned)}`,
    `- ${formatShare(coverage.share)} of ${formatCount(coverage.elements)} parameters compared`,
    ...[...coverage.notes, ...missedIn(coverage).missed.map(({ reason }) => reason.message)].map(item),
    ...problems.map(({ message }) => item(message)),
    '',
    `Three-Gate ${engine.version}, ${escapeMarkdown(engine.gemmLibrary)} (${engine.gemm}), ${formatDuration(timings.elapsedMs)}, ${timings.startedAt}`,
  ];
  return `${lines.join('\n')}\n`;
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

function gateSection(verdict: GateVerdict, geometry: GeometryPool | null): string[] {
  const { gate, rule, beyondSize } = verdict;
  const rows = rowsBesideNull(verdict, geometry).map(({ metric, measured, random, word, reading }) => {
    const title = metricTitle(metric);
    const { vote, threshold, source } = reading ?? { vote: '', threshold: null, source: '' };
    const limits =
      threshold === null
        ? ''
        : `${formatLimit(metric, threshold.holds)} / ${formatLimit(metric, threshold.broken)}`;
    return `| ${[title, measured, random, word, vote, limits, escapeMarkdown(source)].join(' | ')} |`;
  });
  const table = [
    '| reading | measured | if random | beyond size | vote | holds / broken | source |',
    '| --- | ---: | ---: | --- | --- | --- | --- |',
    ...rows,
  ];
  return [
    `## ${gateHeading(gate)}: ${verdict.verdict}`,
    '',
    escapeMarkdown(rule),
    ...(beyondSize === null ? [] : ['', `Beyond size: ${escapeMarkdown(beyondSize.words)}`]),
    ...(rows.length === 0 ? [] : ['', ...table]),
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
