// A report as Markdown for an issue or a model card: the sentence, the three gates with the readings that decided, layers.
import { formatCount, formatDuration, formatNumber, formatShare } from '../../shared/format.ts';
import type { Aggregate, CheckpointInfo, LayerReport, Report } from '../../shared/report.ts';
import { gateNames, type GateName } from '../../shared/options.ts';
import { escapeMarkdown } from './markdown.ts';

export const gateTitles: Record<GateName, string> = {
  anchor: 'I KL anchor',
  geometry: 'II Model geometry',
  precision: 'III Precision',
};

export function reportMarkdown(report: Report): string {
  const { summary, pair, coverage, timings, engine } = report;
  const lines = [
    `# ${escapeMarkdown(pair.base.label)} → ${escapeMarkdown(pair.tuned.label)}`,
    '',
    escapeMarkdown(summary.regime.sentence),
    '',
    '| gate | verdict | because |',
    '| --- | --- | --- |',
    ...gateNames.map((gate) => {
      const { verdict, rule } = summary.gates[gate];
      return `| ${gateTitles[gate]} | **${verdict}** | ${escapeMarkdown(rule)} |`;
    }),
    '',
    ...numbers(summary),
    '',
    '## Layers',
    '',
    '| layer | anchor | geometry | precision | unchanged | drift | rotation ° |',
    '| --- | --- | --- | --- | ---: | ---: | ---: |',
    ...report.layers.map(layerRow),
    '',
    ...problems(report),
    '---',
    '',
    `- base: ${side(pair.base)}`,
    `- tuned: ${side(pair.tuned)}`,
    `- ${formatShare(coverage.share)} of ${formatCount(coverage.elements)} parameters compared`,
    `- Three-Gate ${engine.version}, ${escapeMarkdown(engine.gemmLibrary)}, ${formatDuration(timings.elapsedMs)}, ${timings.startedAt}`,
  ];
  if (report.status !== 'complete')
    lines.splice(2, 0, `*This report is ${report.status}: it holds what was measured so far.*`, '');
  return `${lines.join('\n')}\n`;
}

function numbers({
  precision,
  anchor,
  geometry,
}: Pick<Aggregate, 'precision' | 'anchor' | 'geometry'>): string[] {
  return [
    '| measured | value |',
    '| --- | ---: |',
    `| unchanged in bf16 | ${formatShare(precision.value?.sparsityBf16 ?? null)} |`,
    `| relative drift | ${formatNumber(anchor.value?.relativeDrift ?? null)} |`,
    `| spectral drift, leading | ${formatNumber(geometry.value?.spectralDriftTopK ?? null)} |`,
    `| mean rotation, degrees | ${formatNumber(geometry.value?.rotationMeanDeg ?? null)} |`,
    `| lift on principal weights | ${formatNumber(geometry.value?.principalLift ?? null)} |`,
    `| lift on low-magnitude weights | ${formatNumber(geometry.value?.lowMagnitudeLift ?? null)} |`,
  ];
}

function layerRow({ label, verdicts, precision, anchor, geometry }: LayerReport): string {
  const cells = [
    escapeMarkdown(label),
    verdicts.anchor.verdict,
    verdicts.geometry.verdict,
    verdicts.precision.verdict,
    formatShare(precision.value?.sparsityBf16 ?? null),
    formatNumber(anchor.value?.relativeDrift ?? null),
    formatNumber(geometry.value?.rotationMeanDeg ?? null),
  ];
  return `| ${cells.join(' | ')} |`;
}

function problems({ problems: found }: Report): string[] {
  if (found.length === 0) return [];
  return ['## Problems', '', ...found.map(({ message }) => `- ${escapeMarkdown(message)}`), ''];
}

function side({ path, parameters, dtypes }: CheckpointInfo): string {
  return `${escapeMarkdown(path)} (${formatCount(parameters)} parameters, ${Object.keys(dtypes).join(', ')})`;
}
