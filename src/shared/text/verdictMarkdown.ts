// What a report says first as Markdown, for an issue or a paper: the verdict, the three gates and the findings. Everything that
// comes from a file is escaped.
import { rowsBesideNull } from './besideNull.ts';
import { formatCount, formatDuration, formatShare } from './format.ts';
import { gateHeading } from './gates.ts';
import { escapeMarkdown } from './markdownText.ts';
import { formatLimit, metricTitle } from './metrics.ts';
import { regimeLines } from './regimeText.ts';
import { gateNames, type GateName } from '../options/options.ts';
import type { Report } from '../report/report.ts';

/** Of a heading. */
type Level = '#' | '##' | '###';

export function verdictMarkdown(report: Report): string {
  const { coverage, training } = report;
  const findings = training.findings.map(
    ({ severity, message, nextStep }) =>
      `- ${severity}: ${escapeMarkdown(message)} ${escapeMarkdown(nextStep)}`,
  );
  const lines = [
    ...verdictHead(report, '##'),
    ...gateNames.flatMap((gate) => gateSection(report, gate, '###')),
    ...(findings.length === 0 ? [] : ['### Findings', '', ...findings, '']),
    `${formatShare(coverage.share)} of ${formatCount(coverage.elements)} parameters compared. ${madeBy(report)}`,
  ];
  return `${lines.join('\n')}\n`;
}

/** The pair, and what is said of it in sentences. */
export function verdictHead({ pair, status, summary: { regime } }: Report, level: Level): string[] {
  return [
    `${level} ${escapeMarkdown(pair.base.label)} → ${escapeMarkdown(pair.tuned.label)}`,
    '',
    ...(status === 'complete' ? [] : [`*This report is ${status}: it holds what was measured so far.*`, '']),
    `**${escapeMarkdown(regime.headline)}** (\`${regime.name}\`)`,
    '',
    ...regimeLines(regime).flatMap((line) => [escapeMarkdown(line), '']),
  ];
}

/** One gate with its readings, each beside its null. */
export function gateSection({ summary }: Report, gate: GateName, level: Level): string[] {
  const verdict = summary.gates[gate];
  const { rule, beyondSize } = verdict;
  const rows = rowsBesideNull(verdict, summary.geometry.value).map(
    ({ metric, measured, random, word, reading }) => {
      const title = metricTitle(metric);
      const { vote, threshold, source } = reading ?? { vote: '', threshold: null, source: '' };
      const limits =
        threshold === null
          ? ''
          : `${formatLimit(metric, threshold.holds)} / ${formatLimit(metric, threshold.broken)}`;
      return `| ${[title, measured, random, word, vote, limits, escapeMarkdown(source)].join(' | ')} |`;
    },
  );
  const table = [
    '| reading | measured | if random | beyond size | vote | holds / broken | source |',
    '| --- | ---: | ---: | --- | --- | --- | --- |',
    ...rows,
  ];
  return [
    `${level} ${gateHeading(gate)}: ${verdict.verdict}`,
    '',
    escapeMarkdown(rule),
    ...(beyondSize === null ? [] : ['', `Beyond size: ${escapeMarkdown(beyondSize.words)}`]),
    ...(rows.length === 0 ? [] : ['', ...table]),
    '',
  ];
}

/** By what, how long and when. */
export function madeBy({ engine, timings }: Report): string {
  return `Three-Gate ${engine.version}, ${escapeMarkdown(engine.gemmLibrary)} (${engine.gemm}), ${formatDuration(timings.elapsedMs)}, ${timings.startedAt}`;
}
