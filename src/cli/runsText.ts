// What `three-gate runs` prints: the runs beside each other, and each that was followed over its checkpoints.
import { formatDuration } from '../shared/text/format.ts';
import { publishedOverlap } from '../shared/text/publishedTables.ts';
import type { RunsReport } from '../shared/report/runsReport.ts';
import {
  directionSentence,
  directionTable,
  overlapSentence,
  pairTable,
  poolTables,
  settledSentence,
  trajectoryTable,
  type TextTable,
} from '../shared/text/runsTables.ts';
import {
  straightSentences,
  straightTable,
  stepCosineTable,
  stepSyncTable,
} from '../shared/text/directionTables.ts';
import { spectrumTable } from '../shared/text/updateDirectionTables.ts';
import { printable, tabulate, wrapText } from './columns.ts';
import type { Style } from './style.ts';

export function runsText(report: RunsReport, style: Style, width: number): string {
  const said = (text: string): string[] => wrapText(text, width - 2).map((line) => `  ${line}`);
  const { overlap, trajectories, problems } = report;
  const sides = [
    ['  base', style.bold(report.base.label)],
    ...report.runs.map(({ label }, run) => [`  run ${run + 1}`, style.bold(label)]),
  ];
  const lines = ['', ...tabulate(sides, ['left']), ''];
  if (overlap.value !== null) {
    const { layers, modules } = poolTables(overlap.value);
    const published = said(publishedOverlap.sentence).map(style.dim);
    lines.push(...said(overlapSentence(report)), ...published, ...said(directionSentence(report)), '');
    lines.push(...table(pairTable(report), style), '');
    lines.push(...table(layers, style), '', ...table(modules, style), '');
    const { tensors, whole } = overlap.value;
    const spectrum = spectrumTable(report, tensors);
    if (spectrum !== null) {
      lines.push(...table(directionTable(report, whole, tensors), style), '', ...table(spectrum, style), '');
    }
    const { notCompared } = overlap.value;
    if (notCompared.length > 0) {
      lines.push(
        ...said(`${notCompared.length} tensors were not compared in some run; --json names them.`),
        '',
      );
    }
  }
  for (const trajectory of trajectories) {
    lines.push(`  ${style.bold(trajectory.label)}`, ...said(settledSentence(trajectory)), '');
    lines.push(
      ...table(trajectoryTable(trajectory), style),
      '',
      ...straightSentences(trajectory).flatMap(said),
      '',
    );
    const { value } = trajectory.direction;
    if (value === null) continue;
    for (const each of [stepCosineTable, straightTable, stepSyncTable])
      lines.push(...table(each(value), style), '');
  }
  for (const { message } of problems) lines.push(...said(style.red(`! ${message}`)));
  lines.push(
    style.dim(`  Three-Gate ${report.version} · η ${report.eta} · ${formatDuration(report.elapsedMs)}`),
  );
  return `${lines.map(printable).join('\n')}\n`;
}

function table([head = [], ...rows]: TextTable, style: Style): string[] {
  return tabulate([head.map(style.dim), ...rows], ['left', 'right']).map((line) => `  ${line}`);
}
