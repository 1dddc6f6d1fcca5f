// The report as a terminal shows it: the headline with what is left beyond size and what config or log say, the three gates
// with the readings that decided, the layers, what was not compared, and what computed it.
import { adapterNote, adapterSummary } from '../shared/text/adapterTables.ts';
import { beyondCell, beyondLegend } from '../shared/text/besideNull.ts';
import {
  formatBytes,
  formatCount,
  formatDegrees,
  formatDuration,
  formatNumber,
  formatShare,
} from '../shared/text/format.ts';
import { fallbackSentence } from '../shared/text/fallbackText.ts';
import { gateNames } from '../shared/options/options.ts';
import { missedIn } from '../shared/report/missed.ts';
import type { Aggregate, CheckpointInfo, Report, Summary } from '../shared/report/report.ts';
import {
  aggregateCells,
  aggregateColumns,
  layerTitle,
  moduleTitle,
  standingMarks,
} from '../shared/text/reportTables.ts';
import { curvatureText, optimizerText, stepText } from '../shared/text/trainingText.ts';
import { regimeLines } from '../shared/text/regimeText.ts';
import { syncSentence, syncTitle } from '../shared/text/syncText.ts';
import { estimateColumns, estimateNote, estimateRows } from '../shared/text/sampleText.ts';
import { formatResolved, poolErrors } from '../shared/report/resolution.ts';
import type { GateVerdicts } from '../shared/report/verdicts.ts';
import { printable, tabulate, textWidth, wrapText } from './columns.ts';
import { gateLines } from './gateText.ts';
import { limitLines } from './limitsText.ts';
import { publishedLines } from './publishedText.ts';
import type { Style } from './style.ts';

/** How many tensors that were not compared are named; the JSON names all. */
const namedLimit = 8;

export function reportText(report: Report, style: Style, width: number): string {
  const lines = [
    ...header(report, style, width),
    '',
    ...(report.limits === undefined ? [] : [...limitLines(report.limits, style), '']),
    ...gateNames.flatMap((gate) => [
      ...gateLines(report.summary.gates[gate], report.summary.geometry.value, style, width),
      '',
    ]),
    ...alsoMeasured(report, style),
    '',
    ...sampleLines(report, style, width),
    ...publishedLines(report, style, width),
    ...adapterLines(report, style, width),
    ...table(
      'By layer',
      report.layers.map((layer) => [layerTitle(layer), layer] as const),
      style,
    ),
    '',
    ...table(
      'By module',
      report.modules.map((module) => [moduleTitle(module), module] as const),
      style,
    ),
    style.dim(`  ${beyondLegend}`),
    '',
    ...findingLines(report, style, width),
    ...coverageLines(report, style, width),
    ...engineLines(report, style, width),
  ];
  return `${lines.map(printable).join('\n')}\n`;
}

function header({ pair, summary, status }: Report, style: Style, width: number): string[] {
  const { regime } = summary;
  const sides = tabulate(
    [
      ['  base', style.bold(pair.base.label), style.dim(about(pair.base))],
      ['  tuned', style.bold(pair.tuned.label), style.dim(about(pair.tuned))],
    ],
    ['left'],
  );
  const partial =
    status === 'complete'
      ? []
      : ['', style.red(`  This report is ${status}: it holds what was measured so far.`)];
  return [
    '',
    ...sides,
    ...partial,
    '',
    `  ${style.bold(regime.headline)}  ${style.dim(regime.sampled === true ? `${regime.name}, sampled` : regime.name)}`,
    ...regimeLines(regime).flatMap((text) => wrapText(text, width - 2).map((line) => `  ${line}`)),
  ];
}

function about({ architecture, format, parameters, dtypes, bytes, step }: CheckpointInfo): string {
  const parts = [
    architecture ?? format,
    ...(step === null ? [] : [`step ${step}`]),
    `${formatCount(parameters)} parameters`,
    Object.keys(dtypes).join(', '),
    formatBytes(bytes),
  ];
  return parts.join(' · ');
}

/** Numbers of the whole model that decide nothing. */
function alsoMeasured({ summary }: Report, style: Style): string[] {
  const { precision, anchor, geometry, kl } = summary;
  const rows: [string, string][] = [
    ['Largest rotation of any matrix', largestRotation(geometry.value)],
    ['Energy in the largest 1 % of Δ', formatShare(anchor.value?.topPercentEnergy ?? null)],
    ['Changed as stored, hidden by bf16', formatShare(precision.value?.hiddenByBf16 ?? null)],
    ['Weights that one step cannot move in bf16', formatShare(precision.value?.absorbedShare ?? null)],
    ['Largest |Δ| over the sum of learning rates', stepText(summary)],
    ['Optimizer', summary.optimizer === null ? 'not known' : optimizerText(summary.optimizer)],
    ['Mean curvature of the KL along the update', curvatureText(summary)],
    [syncTitle, syncText(summary)],
    ['KL to the reference', kl.value === null ? kl.reason : klText(kl.value)],
  ];
  return [
    `  ${style.bold('Also measured')}`,
    ...tabulate(
      rows.map(([name, value]) => [`    ${name}`, value]),
      ['left'],
    ),
  ];
}

function syncText({ sync }: Summary): string {
  if (sync === undefined) return 'not measured';
  return sync.value === null ? sync.reason : syncSentence(sync.value);
}

/** Where only a sample of the tensors was read. */
function sampleLines({ sample }: Report, style: Style, width: number): string[] {
  if (sample === undefined) return [];
  const rows = [estimateColumns.map((text) => style.dim(text)), ...estimateRows(sample)];
  return [
    `  ${style.bold('From the sample')}`,
    ...tabulate(rows, ['left', 'right', 'right']).map((line) => `    ${line}`),
    ...wrapText(estimateNote, width - 4).map((line) => style.dim(`    ${line}`)),
    '',
  ];
}

function largestRotation(geometry: Aggregate['geometry']['value']): string {
  return formatResolved(geometry?.rotationMaxDeg ?? null, poolErrors(geometry).rotationMaxDeg, formatDegrees);
}

/** Where the tuned side is an adapter. */
function adapterLines(report: Report, style: Style, width: number): string[] {
  const summary = adapterSummary(report);
  if (summary === null) return [];
  const [head = [], ...rows] = summary.table;
  const said = (text: string): string[] => wrapText(text, width - 4).map((line) => `    ${line}`);
  return [
    `  ${style.bold('Adapter')}`,
    ...summary.lines.flatMap(said),
    '',
    ...tabulate([head.map(style.dim), ...rows], ['left', 'right']).map((line) => `    ${line}`),
    ...said(adapterNote).map(style.dim),
    '',
  ];
}

function klText({
  last,
  mean,
  peak,
  key,
  file,
  estimator,
  lastNotFinite,
}: NonNullable<Report['summary']['kl']['value']>): string {
  const ends = lastNotFinite === undefined ? 'last' : `${lastNotFinite}, last finite`;
  const how = estimator === null ? key : `${key}, ${estimator}`;
  return `${ends} ${formatNumber(last)}, mean ${formatNumber(mean)}, peak ${formatNumber(peak)} (${how}; ${file.split(/[\\/]/).at(-1)})`;
}

function table(title: string, rows: readonly (readonly [string, Aggregate])[], style: Style): string[] {
  const head = ['', ...aggregateColumns, 'I', 'II', 'III', 'beyond size'].map((text) => style.dim(text));
  head[0] = style.bold(title);
  const body = rows.map(([name, aggregate]) => [
    name,
    ...aggregateCells(aggregate),
    ...words(aggregate.verdicts, style),
    beyondCell(aggregate.verdicts),
  ]);
  const numbers = aggregateColumns.map(() => 'right' as const);
  return tabulate([head, ...body], ['left', ...numbers, 'left']).map((line) => `  ${line}`);
}

function words(gates: GateVerdicts, style: Style): string[] {
  return gateNames.map((gate) => {
    const { verdict, standing } = gates[gate];
    return style.standing(standing, `${standingMarks[standing]} ${verdict}`);
  });
}

/** Warnings before what is only good to know, as the engine orders them; `advise` gives sources and next steps. */
function findingLines({ training }: Report, style: Style, width: number): string[] {
  if (training.findings.length === 0) return [];
  const said = training.findings.flatMap(({ severity, message, evidence, location, id }) => {
    const place = location === null ? '' : ` (${baseName(location.file)}:${location.line})`;
    const lines = wrapText(`${severity}: ${message}${place} [${id}]`, width - 4);
    const measured =
      evidence === null ? [] : wrapText(evidence, width - 6).map((line) => style.dim(`  ${line}`));
    return [...lines, ...measured].map((line) => `    ${line}`);
  });
  return [`  ${style.bold('Findings')}`, ...said, ''];
}

function baseName(path: string): string {
  return path.replace(/^.*[\\/]/, '');
}

function coverageLines({ coverage, problems }: Report, style: Style, width: number): string[] {
  const { notes } = coverage;
  const { missed } = missedIn(coverage);
  const covered = `${formatShare(coverage.share)} of ${formatCount(coverage.elements)} parameters`;
  const said = (text: string): string[] => wrapText(text, width - 4).map((line) => `    ${line}`);
  const more = missed.length - namedLimit;
  return [
    `  ${style.bold('Compared')}  ${covered}`,
    ...notes.flatMap(said),
    ...missed.slice(0, namedLimit).flatMap(({ reason }) => said(`not compared: ${reason.message}`)),
    ...(more > 0 ? [`    … and ${more} more; --json names them all`] : []),
    ...problems.flatMap(({ message }) => said(style.red(`! ${message}`))),
  ];
}

function engineLines({ engine, timings, options }: Report, style: Style, width: number): string[] {
  const parts = [
    `Three-Gate ${engine.version}`,
    engine.gemm === 'none' ? 'no matrix engine' : `${engine.gemmLibrary} (${engine.gemm})`,
    `${engine.threads} threads`,
    `rank ${options.rank}, α ${options.alpha}, η ${options.eta}`,
    `${formatBytes(timings.bytesRead)} read`,
    formatDuration(timings.elapsedMs),
    ...(timings.peakRssBytes === null ? [] : [`peak memory ${formatBytes(timings.peakRssBytes)}`]),
  ];
  const line = parts.join(' · ');
  const lines = textWidth(line) + 2 <= width ? [line] : wrapText(line, width - 2);
  const fallback =
    engine.fallbackReason === null ? [] : wrapText(fallbackSentence(engine.fallbackReason), width - 2);
  return ['', ...[...lines, ...fallback].map((text) => style.dim(`  ${text}`))];
}
