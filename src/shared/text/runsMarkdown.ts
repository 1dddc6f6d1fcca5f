// A runs report as Markdown. Everything that comes from a file is escaped.
import { formatDuration } from './format.ts';
import {
  directionDefinitions,
  stepCosineTable,
  straightSentences,
  stepSyncTable,
  straightTable,
} from './directionTables.ts';
import { spectrumTable, updateDirectionDefinitions } from './updateDirectionTables.ts';
import { escapeMarkdown } from './markdownText.ts';
import { publishedOverlap } from './publishedTables.ts';
import type { RunsReport } from '../report/runsReport.ts';
import {
  directionSentence,
  directionTable,
  overlapSentence,
  pairTable,
  poolTables,
  settledSentence,
  trajectoryTable,
  type TextTable,
} from './runsTables.ts';

export function runsMarkdown(report: RunsReport): string {
  const { base, runs, overlap, trajectories, problems } = report;
  const lines = [`# Runs of ${escapeMarkdown(base.label)}`, ''];
  if (overlap.value !== null) {
    const { layers, modules } = poolTables(overlap.value);
    lines.push(`**${escapeMarkdown(overlapSentence(report))}**`, '', directionSentence(report), '');
    lines.push(
      'Overlap is |A∩B| / |A∪B| of the weights that two runs changed in the bf16 view. "If random" is that of masks of ' +
        'the same sizes, "random per tensor" that of masks of the same size in every tensor. The cosine is that of the updates, "random ±" its spread if the signs of one were ' +
        'drawn at random. ' +
        publishedOverlap.sentence,
      '',
    );
    for (const table of [pairTable(report), layers, modules]) lines.push(...markdownTable(table), '');
    const { tensors, whole } = overlap.value;
    const spectrum = spectrumTable(report, tensors);
    if (spectrum !== null) {
      const { similarity, spectrum: shares } = updateDirectionDefinitions;
      lines.push(similarity, '', ...markdownTable(directionTable(report, whole, tensors)), '');
      lines.push(shares, '', ...markdownTable(spectrum), '');
    }
    for (const { run, reason } of overlap.value.notCompared) {
      lines.push(`- ${escapeMarkdown(runs[run]?.label ?? '')}: ${escapeMarkdown(reason.message)}`);
    }
  }
  for (const trajectory of trajectories) {
    lines.push(`## ${escapeMarkdown(trajectory.label)} over its checkpoints`, '');
    lines.push(
      escapeMarkdown(settledSentence(trajectory)),
      '',
      ...markdownTable(trajectoryTable(trajectory)),
      '',
      ...straightSentences(trajectory).flatMap((line) => [escapeMarkdown(line), '']),
    );
    const { value } = trajectory.direction;
    if (value === null) continue;
    lines.push(...markdownTable(stepCosineTable(value)), '', directionDefinitions.firstDirectionShare, '');
    lines.push(directionDefinitions.linearity, '', ...markdownTable(straightTable(value)), '');
    lines.push(directionDefinitions.sync, '', ...markdownTable(stepSyncTable(value)), '');
  }
  lines.push(...problems.map(({ message }) => `- ${escapeMarkdown(message)}`), '');
  lines.push(`Three-Gate ${report.version}, η ${report.eta}, ${formatDuration(report.elapsedMs)}`);
  return `${lines.join('\n')}\n`;
}

function markdownTable([head = [], ...rows]: TextTable): string[] {
  const rule = head.map((_, column) => (column === 0 ? '---' : '---:'));
  const escaped = rows.map((row) => row.map(escapeMarkdown));
  return [head, rule, ...escaped].map((cells) => `| ${cells.join(' | ')} |`);
}
