// A gate as a terminal shows it: its word, and every reading beside what a random update of the same size would show, what
// it votes, its limits and, for what is itself a published statistic, the published values.
import { publishedBands } from '../shared/report/published.ts';
import { bandText, publishedRegimes, publishedTitles } from '../shared/text/publishedTables.ts';
import { rowsBesideNull, type RowBesideNull } from '../shared/text/besideNull.ts';
import type { GeometryPool } from '../shared/report/metrics.ts';
import { gateHeading } from '../shared/text/gates.ts';
import { formatLimit, metricTitle } from '../shared/text/metrics.ts';
import { standingMarks } from '../shared/text/reportTables.ts';
import type { GateVerdict, Reading, Vote } from '../shared/report/verdicts.ts';
import { pad, tabulate, wrapText } from './columns.ts';
import type { Style } from './style.ts';

export function gateLines(
  verdict: GateVerdict,
  geometry: GeometryPool | null,
  style: Style,
  width: number,
): string[] {
  const { gate, standing, rule, readings, beyondSize } = verdict;
  const word = style.standing(standing, `${standingMarks[standing]} ${verdict.verdict}`);
  const rows = rowsBesideNull(verdict, geometry);
  const withNull = rows.some(({ random }) => random !== '');
  const withBands = readings.some(({ metric }) => publishedBands[metric] !== undefined);
  const head = [
    '',
    'measured',
    ...(withNull ? ['if random', 'beyond size'] : []),
    'says',
    'holds',
    'broken',
    ...(withBands ? publishedRegimes.map((regime) => publishedTitles[regime]) : []),
  ];
  const body = rows.map((row) => [
    `    ${metricTitle(row.metric)}`,
    style.bold(row.measured),
    ...(withNull ? [style.dim(row.random), beyond(row, style)] : []),
    ...(row.reading === null ? ['', '', ''] : [says(row.reading, style), ...limits(row.reading)]),
    ...(withBands && row.metric === 'sparsityBf16'
      ? publishedRegimes.map((regime) => style.dim(bandText('sparsityBf16', regime)))
      : []),
  ]);
  const aligns = withNull
    ? (['left', 'right', 'right', 'left'] as const)
    : (['left', 'right', 'left'] as const);
  const left = beyondSize === null ? [] : wrapText(`Beyond size: ${beyondSize.words}`, width - 4);
  return [
    `  ${pad(style.bold(gateHeading(gate)), 26)}  ${word}`,
    ...(rows.length === 0 ? [] : tabulate([head.map(style.dim), ...body], aligns)),
    ...left.map((line) => `    ${line}`),
    ...wrapText(rule, width - 4).map((line) => style.dim(`    ${line}`)),
  ];
}

/** What carries information stands out; what any update of that size shows does not. */
function beyond({ word }: RowBesideNull, style: Style): string {
  return word.startsWith('less') || word.startsWith('more') ? style.bold(word) : style.dim(word);
}

const voteWords: Record<Vote, string> = {
  holds: 'holds',
  neutral: 'between',
  broken: 'broken',
  unknown: 'not measured',
};

function says({ vote }: Reading, style: Style): string {
  return style.standing(vote === 'neutral' ? 'middle' : vote, voteWords[vote]);
}

function limits({ metric, threshold: { holds, broken } }: Reading): [string, string] {
  if (holds === broken) return [`≤ ${formatLimit(metric, holds)}`, ''];
  const [good, bad] = holds < broken ? ['≤', '≥'] : ['≥', '≤'];
  return [`${good} ${formatLimit(metric, holds)}`, `${bad} ${formatLimit(metric, broken)}`];
}
