// A report as Markdown, for an issue or a model card. Everything that comes from a file is escaped.
import { adapterNote, adapterSummary } from './adapterTables.ts';
import { formatBytes, formatCount, formatDuration, formatShare } from './format.ts';
import { escapeMarkdown } from './markdownText.ts';
import { gateNames } from './options.ts';
import type { Aggregate, CheckpointInfo, Report } from './report.ts';
import {
  aggregateCells,
  aggregateColumns,
  formatLimit,
  formatReading,
  gateTitles,
  layerTitle,
  metricTitles,
  moduleTitle,
} from './reportTables.ts';
import { curvatureText, optimizerText, stepText } from './trainingText.ts';
import type { GateVerdict } from './verdicts.ts';

export function reportMarkdown(report: Report): string {
  const { summary, pair, coverage, timings, engine, problems } = report;
  const { kl } = summary;
  const lines = [
    `# ${escapeMarkdown(pair.base.label)} → ${escapeMarkdown(pair.tuned.label)}`,
    '',
    ...(report.status === 'complete'
      ? []
      : [`*This report is ${report.status}: it holds what was measured so far.*`, '']),
    `**${summary.regime.name}**: ${escapeMarkdown(summary.regime.sentence)}`,
    '',
    ...gateNames.flatMap((gate) => [...gateSection(summary.gates[gate]), '']),
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
    ...adapterSection(report),
    '## What was compared',
    '',
    `- base: ${side(pair.base)}`,
    `- tuned: ${side(pair.tuned)}`,
    `- ${formatShare(coverage.share)} of ${formatCount(coverage.elements)} parameters compared`,
    ...[...coverage.notes, ...coverage.notCompared.map(({ reason }) => reason.message)].map(item),
    ...problems.map(({ message }) => item(message)),
    '',
    `Three-Gate ${engine.version}, ${escapeMarkdown(engine.gemmLibrary)} (${engine.gemm}), ${formatDuration(timings.elapsedMs)}, ${timings.startedAt}`,
  ];
  return `${lines.join('\n')}\n`;
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

function gateSection({ gate, verdict, rule, readings }: GateVerdict): string[] {
  const rows = readings.map((reading) => {
    const { metric, vote, threshold, source } = reading;
    const { holds, broken } = threshold;
    const limits = `${formatLimit(metric, holds)} / ${formatLimit(metric, broken)}`;
    const title = metricTitles[metric] ?? metric;
    return `| ${title} | ${formatReading(reading)} | ${vote} | ${limits} | ${escapeMarkdown(source)} |`;
  });
  const table = [
    '| reading | value | vote | holds / broken | source |',
    '| --- | ---: | --- | --- | --- |',
    ...rows,
  ];
  return [
    `## ${gateTitles[gate]}: ${verdict}`,
    '',
    escapeMarkdown(rule),
    ...(rows.length === 0 ? [] : ['', ...table]),
  ];
}

function aggregateTable(title: string, rows: readonly (readonly [string, Aggregate])[]): string[] {
  const head = [title, ...aggregateColumns, 'anchor', 'geometry', 'precision'];
  const rule = head.map((_, column) => (column > 0 && column <= aggregateColumns.length ? '---:' : '---'));
  const body = rows.map(([name, aggregate]) => [
    escapeMarkdown(name),
    ...aggregateCells(aggregate),
    ...gateNames.map((gate) => aggregate.verdicts[gate].verdict),
  ]);
  return [head, rule, ...body].map((cells) => `| ${cells.join(' | ')} |`);
}

function side({ path, parameters, dtypes, bytes }: CheckpointInfo): string {
  return `${escapeMarkdown(path)} (${formatCount(parameters)} parameters, ${Object.keys(dtypes).join(', ')}, ${formatBytes(bytes)})`;
}

function item(text: string): string {
  return `- ${escapeMarkdown(text)}`;
}
