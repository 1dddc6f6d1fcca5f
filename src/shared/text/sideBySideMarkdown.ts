// Checkpoints side by side as Markdown, for an issue or a model card. Everything that comes from a file is escaped.
import type { SideBySideReport } from '../report/sideBySide.ts';
import { beyondLegend } from './besideNull.ts';
import { formatDuration } from './format.ts';
import { escapeMarkdown } from './markdownText.ts';
import { cellText, type SideBySideLine } from './sideBySideLine.ts';
import { sideBySideLines } from './sideBySideLines.ts';
import { sideBySideLegend, sideBySideSentences } from './sideBySideText.ts';

export function sideBySideMarkdown(report: SideBySideReport): string {
  const { base, runs, notes, version, elapsedMs } = report;
  const lines = sideBySideLines(report);
  const labels = runs.map(({ label }) => label);
  const settings = lines.filter(({ group }) => group === 'config');
  return [
    `# ${escapeMarkdown(base.label)}, side by side`,
    '',
    ...sideBySideSentences(report).flatMap((sentence) => [escapeMarkdown(sentence), '']),
    ...table(
      ['', ...labels],
      lines.filter(({ group }) => group !== 'config'),
    ),
    '',
    sideBySideLegend,
    '',
    beyondLegend,
    '',
    ...(settings.length === 0 ? [] : [...table(['setting', ...labels], settings), '']),
    ...notes.map((note) => `- ${escapeMarkdown(note)}`),
    ...(notes.length === 0 ? [] : ['']),
    `Three-Gate ${version}, ${formatDuration(elapsedMs)}`,
    '',
  ].join('\n');
}

function table(head: readonly string[], lines: readonly SideBySideLine[]): string[] {
  const rows = lines.map(({ title, cells, isReading, group }) => {
    const name = escapeMarkdown(title);
    const isWord = isReading === undefined && group !== 'config' && group !== 'run';
    return [isWord ? `**${name}**` : name, ...cells.map((cell) => escapeMarkdown(cellText(cell)))];
  });
  return [head.map(escapeMarkdown), head.map(() => '---'), ...rows].map(
    (cells) => `| ${cells.join(' | ')} |`,
  );
}
