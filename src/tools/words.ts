// Answers as Markdown for a model to read and to quote. Everything that comes from a file is escaped, and no text is longer than
// a reader has room for.
import { adviceText } from '../shared/text/adviceText.ts';
import { formatBytes, formatCount, formatNumber, formatShape, formatShare } from '../shared/text/format.ts';
import { formatMetric } from '../shared/text/metrics.ts';
import { gateHeading } from '../shared/text/gates.ts';
import { escapeMarkdown } from '../shared/text/markdownText.ts';
import type { TrainingEvidence } from '../shared/report/training.ts';
import type {
  CheckpointAnswer,
  ExplainAnswer,
  FindingAnswer,
  GateAnswer,
  InspectAnswer,
  ListAnswer,
  AnalysisAnswer,
  PartAnswer,
  RunsAnswer,
} from './answers.ts';

/** Bytes of UTF-8 that a text may have. */
const mostBytes = 8000;

/** Whole lines, as many as there is room for. */
function bounded(lines: readonly string[]): string {
  const kept: string[] = [];
  let bytes = 100;
  for (const line of lines) {
    bytes += new TextEncoder().encode(line).length + 1;
    if (bytes > mostBytes)
      return [...kept, `… ${lines.length - kept.length} more lines are left out.`].join('\n');
    kept.push(line);
  }
  return kept.join('\n');
}

export function pairWords(answer: AnalysisAnswer): string {
  const { base, tuned, headline, regime, lines, gates, notCompared, kl, layers, layersInAll } = answer;
  return bounded([
    `# ${escapeMarkdown(base.label)} → ${escapeMarkdown(tuned.label)}`,
    '',
    `**${escapeMarkdown(headline)}** (\`${regime}\`), report \`${answer.report}\`, ${answer.status}`,
    '',
    ...lines.map(escapeMarkdown),
    '',
    ...gates.flatMap(gateLines),
    `KL to the reference: ${kl.last === null ? escapeMarkdown(kl.reason ?? '') : `${kl.last} (last logged)`}`,
    `Compared: ${formatShare(answer.coverage)} of the parameters; ${notCompared.tensors} tensors were not.`,
    ...notCompared.reasons.map(item),
    ...answer.problems.map(item),
    '',
    ...partLines(`Layers that moved most (${layers.length} of ${layersInAll})`, layers),
    ...partLines('Modules', answer.modules),
    ...findingLines(answer.findings, answer.findingsInAll),
  ]);
}

export function explainWords({ about, gates, finding, problem, ...rest }: ExplainAnswer): string {
  return bounded([
    `# ${about.kind}: ${escapeMarkdown(about.name)}`,
    '',
    ...(problem === null ? [] : [escapeMarkdown(problem), '']),
    ...gates.flatMap(gateLines),
    ...(finding === null ? [] : findingLines([finding], 1)),
    ...partLines(`Tensors that moved most (${rest.tensors.length} of ${rest.tensorsInAll})`, rest.tensors),
  ]);
}

export function runsWords({ sentence, pairs, trajectories, problems, base }: RunsAnswer): string {
  const pairRows = pairs.map(({ runs, jaccard, expected, expectedByTensor }) => [
    runs.map(escapeMarkdown).join(' ∩ '),
    ...[jaccard, expected, expectedByTensor].map(formatNumber),
  ]);
  return bounded([
    `# Runs of ${escapeMarkdown(base)}`,
    '',
    escapeMarkdown(sentence),
    '',
    ...table(['runs', 'overlap', 'if random', 'random per tensor'], pairRows),
    ...trajectories.flatMap(({ run, settled, points, pointsInAll }) => [
      `## ${escapeMarkdown(run)} over its checkpoints (${points.length} of ${pointsInAll})`,
      '',
      escapeMarkdown(settled),
      '',
      ...table(
        ['step', 'regime', 'verdicts', 'drift', 'rotation', 'unchanged', 'KL'],
        points.map((point) => [
          point.step?.toString() ?? escapeMarkdown(point.label),
          escapeMarkdown(point.problem ?? point.regime),
          point.verdicts.join(', '),
          ...numberCells(point),
          formatMetric('kl', point.kl),
        ]),
      ),
    ]),
    ...problems.map(item),
  ]);
}

export function adviceWords(evidence: TrainingEvidence): string {
  return bounded(adviceText(evidence).split('\n').map(escapeMarkdown));
}

export function inspectWords(answer: InspectAnswer): string {
  const { checkpoint, architecture, namedBase, tensors, nextOffset, problems } = answer;
  return bounded([
    `# ${escapeMarkdown(checkpoint.label)}`,
    '',
    checkpointLine(checkpoint),
    ...(architecture === null ? [] : [`Architecture: ${escapeMarkdown(architecture)}`]),
    ...(namedBase === null ? [] : [`Base model: ${escapeMarkdown(namedBase)}`]),
    ...problems.map(item),
    '',
    `${answer.tensorsMatching} of ${answer.tensorsInAll} tensors match; ${tensors.length} are shown.${more(nextOffset)}`,
    '',
    ...table(
      ['tensor', 'dtype', 'shape', 'bytes'],
      tensors.map(({ name, dtype, shape, bytes }) => [
        escapeMarkdown(name),
        dtype,
        formatShape(shape),
        formatBytes(bytes),
      ]),
    ),
  ]);
}

export function listWords({ folders, checkpoints, checkpointsInAll, nextOffset }: ListAnswer): string {
  const where = folders.map(escapeMarkdown).join(', ');
  return bounded([
    `${checkpointsInAll} checkpoints in ${where}.${more(nextOffset)}`,
    '',
    ...checkpoints.map((checkpoint) => {
      const named =
        checkpoint.namedBase === null ? '' : `, names ${escapeMarkdown(checkpoint.namedBase)} as its base`;
      return `- ${checkpointLine(checkpoint)}${named}`;
    }),
  ]);
}

function more(nextOffset: number | null): string {
  return nextOffset === null ? '' : ` Go on with offset ${nextOffset}.`;
}

function checkpointLine({ path, format, parameters, bytes, dtypes, step }: CheckpointAnswer): string {
  const parts = [
    format,
    `${formatCount(parameters)} parameters`,
    Object.keys(dtypes).join(', '),
    formatBytes(bytes),
  ];
  return [
    escapeMarkdown(path),
    ...parts.map(escapeMarkdown),
    ...(step === null ? [] : [`step ${step}`]),
  ].join(' · ');
}

function gateLines({ gate, verdict, rule, beyondSize, numbers }: GateAnswer): string[] {
  return [
    `## ${gateHeading(gate)}: ${verdict}`,
    '',
    escapeMarkdown(rule),
    ...(beyondSize === null ? [] : [`Beyond size: ${escapeMarkdown(beyondSize)}`]),
    '',
    ...table(
      ['number', 'measured', 'if random', 'beyond size', 'vote'],
      numbers.map(({ title, measured, ifRandom, beyondSize: beyond, vote }) => [
        escapeMarkdown(title),
        measured,
        ifRandom,
        beyond,
        vote ?? '',
      ]),
    ),
  ];
}

function partLines(title: string, parts: readonly PartAnswer[]): string[] {
  if (parts.length === 0) return [];
  const rows = parts.map((part) => [
    escapeMarkdown(part.name),
    ...numberCells(part),
    part.verdicts.join(', '),
    part.beyondSize,
  ]);
  return table([title, 'drift', 'rotation', 'unchanged', 'verdicts', 'beyond size'], rows);
}

function numberCells(part: Pick<PartAnswer, 'relativeDrift' | 'rotationMeanDeg' | 'sparsityBf16'>): string[] {
  return (['relativeDrift', 'rotationMeanDeg', 'sparsityBf16'] as const).map((metric) =>
    formatMetric(metric, part[metric]),
  );
}

function findingLines(findings: readonly FindingAnswer[], inAll: number): string[] {
  if (findings.length === 0) return [];
  const lines = findings.map(({ id, severity, message, evidence, nextStep, place }) =>
    [
      `- ${severity} \`${id}\`${place === null ? '' : ` (${escapeMarkdown(place)})`}: ${escapeMarkdown(message)}`,
      ...(evidence === null ? [] : [`  Evidence: ${escapeMarkdown(evidence)}`]),
      `  Next: ${escapeMarkdown(nextStep)}`,
    ].join('\n'),
  );
  return [`## Findings (${findings.length} of ${inAll})`, '', ...lines, ''];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  if (rows.length === 0) return [];
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line), ''];
}

function item(text: string): string {
  return `- ${escapeMarkdown(text)}`;
}
