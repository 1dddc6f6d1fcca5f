// Pieces that answers are made of, from the pieces of a report.
import type { Problem } from '../shared/errors.ts';
import type { GateName } from '../shared/options/options.ts';
import { gateNames } from '../shared/options/options.ts';
import type { NullGeometry } from '../shared/report/metrics.ts';
import type { CheckpointInfo, LayerReport, ModuleReport, TensorReport } from '../shared/report/report.ts';
import type { Finding, SourceLocation } from '../shared/report/training.ts';
import type { GateVerdicts } from '../shared/report/verdicts.ts';
import { beyondCell, rowsBesideNull } from '../shared/text/besideNull.ts';
import { gateCatalogue } from '../shared/text/gates.ts';
import { metricTitle } from '../shared/text/metrics.ts';
import type { CheckpointAnswer, FindingAnswer, GateAnswer, PartAnswer } from './answers.ts';

const longest = 200;
/** Of JSON, for one table of parts and for one list of findings. */
const partBytes = 1300;
const findingBytes = 1700;

/** What a file calls itself may be of any length. */
export function cut(text: string, most = longest): string {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}

export function cutOrNull(text: string | null): string | null {
  return text === null ? null : cut(text);
}

/** Those of the first that fit into so many bytes of JSON together; never none where there is one. */
export function fitting<Row>(rows: readonly Row[], bytes: number): Row[] {
  let left = bytes;
  const end = rows.findIndex((row, at) => {
    left -= new TextEncoder().encode(JSON.stringify(row)).length + 1;
    return left < 0 && at > 0;
  });
  return end === -1 ? [...rows] : rows.slice(0, end);
}

/** Six significant digits: the report has them all. */
export function rounded(value: number | null | undefined): number | null {
  return value === null || value === undefined ? null : Number(value.toPrecision(6));
}

export function gateAnswer(
  gate: GateName,
  verdicts: GateVerdicts,
  geometry: Pick<NullGeometry, 'rotationMeanExpectedDeg' | 'spectralDriftTopKExpected'> | null,
): GateAnswer {
  const { verdict, rule, beyondSize, readings } = verdicts[gate];
  const valueOf = (metric: string): number | null =>
    [...readings, ...(beyondSize?.readings ?? [])].find((each) => each.metric === metric)?.value ?? null;
  return {
    gate,
    question: gateCatalogue[gate].question,
    verdict,
    rule: cut(rule, 2 * longest),
    beyondSize: beyondSize?.words ?? null,
    numbers: rowsBesideNull(verdicts[gate], geometry).map(({ metric, measured, random, word, reading }) => ({
      metric,
      title: metricTitle(metric),
      value: rounded(valueOf(metric)),
      measured,
      ifRandom: random,
      beyondSize: word,
      vote: reading?.vote ?? null,
      limits: reading?.threshold ?? null,
      source: reading?.source ?? null,
    })),
  };
}

export function gateAnswers(
  verdicts: GateVerdicts,
  geometry: Parameters<typeof gateAnswer>[2],
): GateAnswer[] {
  return gateNames.map((gate) => gateAnswer(gate, verdicts, geometry));
}

export function checkpointAnswer(info: CheckpointInfo): CheckpointAnswer {
  const { path, label, format, parameters, bytes, dtypes, step } = info;
  return { path, label: cut(label), format: cut(format), parameters, bytes, dtypes, step };
}

/** A row for a layer, a module kind or a tensor. */
export function partAnswer(name: string, part: LayerReport | ModuleReport | TensorReport): PartAnswer {
  const { anchor, geometry, precision, verdicts } = part;
  const { value: angles } = geometry;
  const rotation =
    angles === null
      ? null
      : 'rotationMeanDeg' in angles
        ? angles.rotationMeanDeg
        : (angles.rotationLeftMeanDeg + angles.rotationRightMeanDeg) / 2;
  return {
    name: cut(name),
    verdicts: gateNames.map((gate) => verdicts[gate].verdict),
    relativeDrift: rounded(anchor.value?.relativeDrift),
    rotationMeanDeg: rounded(rotation),
    sparsityBf16: rounded(precision.value?.sparsityBf16),
    beyondSize: beyondCell(verdicts),
  };
}

/** Largest relative drift first, at most so many. */
export function movedMost(parts: readonly PartAnswer[], most: number): PartAnswer[] {
  const sorted = [...parts].sort((left, right) => (right.relativeDrift ?? -1) - (left.relativeDrift ?? -1));
  return fitting(sorted.slice(0, most), partBytes);
}

/** Warnings first, at most so many. */
export function findingAnswers(findings: readonly Finding[], most: number): FindingAnswer[] {
  const warnings = findings.filter(({ severity }) => severity === 'warning');
  const rest = findings.filter(({ severity }) => severity !== 'warning');
  return fitting([...warnings, ...rest].slice(0, most).map(findingAnswer), findingBytes);
}

export function findingAnswer(finding: Finding): FindingAnswer {
  const { id, severity, message, evidence, nextStep, source, location } = finding;
  return {
    id,
    severity,
    message: cut(message, 2 * longest),
    evidence: cutOrNull(evidence),
    nextStep: cut(nextStep, 2 * longest),
    source: cut(source),
    place: placeText(location),
  };
}

export function placeText(location: SourceLocation | null): string | null {
  return location === null ? null : `${cut(location.file)}:${location.line}:${location.column}`;
}

export function problemTexts(problems: readonly Problem[], most = 5): string[] {
  const texts = problems.slice(0, most).map(({ message }) => cut(message, 2 * longest));
  return problems.length > most ? [...texts, `And ${problems.length - most} more.`] : texts;
}
