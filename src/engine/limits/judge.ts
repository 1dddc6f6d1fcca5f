// Holds limits against a report. What could not be measured breaks a limit, with the reason, unless the limit allows it; a number
// below its own error bound is judged by the range that it may lie in.
import { ThreeGateError } from '../../shared/errors.ts';
import type { LimitReading, LimitResult, LimitsReport } from '../../shared/report/limitsReport.ts';
import type { Report } from '../../shared/report/report.ts';
import { belowResolution, isBelowResolution } from '../../shared/report/resolution.ts';
import { isWordLimit, type NumberLimit, type ParsedLimit, type Sign, type WordLimit } from './grammar.ts';
import { placeText, type Limit } from './limitsFile.ts';
import type { Subject } from './metricEntry.ts';
import { limitText, measuredText } from './numberText.ts';
import { subjectsOf } from './subjects.ts';

/** `distance`: how far from breaking a number is; infinite for a word. */
interface Judgement {
  reading: LimitReading;
  holds: boolean;
  distance: number;
}

/**
 * Throws `config-value` for a limit that can match nothing in this pair: a guard that never looks is worse than none. So is one
 * that looks at a sample: `usage`.
 */
export function requireMatches(limits: readonly Limit[], report: Report): void {
  if (report.sample !== undefined) {
    throw new ThreeGateError(
      'usage',
      'Limits are held against all tensors, not against a sample of them: analyse without --sample.',
    );
  }
  for (const limit of limits) {
    if (subjectsOf(report, limit.scope, limit.pattern).length > 0) continue;
    const { scope, pattern } = limit;
    const matched = pattern === null ? '' : ` that /${pattern.source}/ matches`;
    const message = `${placeText(limit)}: "${limit.text}" looks at nothing: this pair has no ${scope}${matched}.`;
    throw new ThreeGateError('config-value', message, { file: limit.file });
  }
}

/** Throws as `requireMatches`. */
export function judgeLimits(limits: readonly Limit[], report: Report): LimitsReport {
  requireMatches(limits, report);
  const results = limits.map((limit) => judgeLimit(limit, report));
  return { broken: results.filter(({ standing }) => standing === 'broken').length, limits: results };
}

function judgeLimit(limit: Limit, report: Report): LimitResult {
  const judgements = subjectsOf(report, limit.scope, limit.pattern).map((subject) => judge(limit, subject));
  const broken = judgements.filter(({ holds }) => !holds).map(({ reading }) => reading);
  const { text, entry, asks, scope, file, line, column } = limit;
  return {
    ...{ text, metric: entry.name, asks, scope, file, line, column },
    standing: broken.length === 0 ? 'holds' : 'broken',
    judged: judgements.length,
    broken,
    nearest: nearest(judgements.filter(({ holds }) => holds)),
  };
}

function nearest(holding: readonly Judgement[]): LimitReading | null {
  const [first, ...others] = holding;
  if (first === undefined) return null;
  return others.reduce((least, each) => (each.distance < least.distance ? each : least), first).reading;
}

function judge(limit: ParsedLimit, subject: Subject): Judgement {
  const { place, label, absent } = subject;
  if (absent !== null) return unmeasured(limit, { place, label }, absent);
  return isWordLimit(limit) ? judgeWord(limit, subject) : judgeNumber(limit, subject);
}

type Place = Pick<LimitReading, 'place' | 'label'>;

function unmeasured(
  { allowsUnmeasured }: ParsedLimit,
  where: Place,
  reason: string,
  measured = 'not measured',
): Judgement {
  const reading = { ...where, value: null, measured, reason };
  return { reading, holds: allowsUnmeasured, distance: Infinity };
}

function judgeWord(limit: WordLimit, subject: Subject): Judgement {
  const { place, label } = subject;
  const { word, reason } = limit.entry.read(subject);
  if (word === null) return unmeasured(limit, { place, label }, reason ?? 'it was not measured');
  const isNamed = limit.words.includes(word);
  if (limit.entry.unmeasured.includes(word) && !isNamed) {
    return unmeasured(limit, { place, label }, reason ?? `it is ${word}`, word);
  }
  const reading = { place, label, value: word, measured: word, reason: null };
  return { reading, holds: isNamed === limit.is, distance: Infinity };
}

function judgeNumber(limit: NumberLimit, subject: Subject): Judgement {
  const { place, label } = subject;
  const { sign, value: bound, entry } = limit;
  const { value, reason, error } = entry.read(subject);
  if (value === null) return unmeasured(limit, { place, label }, reason);
  if (typeof error === 'number' && isBelowResolution(value, error)) {
    const most = Math.abs(value) + error;
    const [low, high] = [compare(sign, 0, bound), compare(sign, most, bound)];
    const upTo = `it is at most ${limitText(Number(most.toPrecision(3)), entry.kind)}`;
    if (low !== high) return unmeasured(limit, { place, label }, upTo, belowResolution);
    const reading = { place, label, value, measured: belowResolution, reason: upTo };
    return { reading, holds: low, distance: Math.abs(bound - most) };
  }
  const measured = measuredText(value, bound, entry.kind);
  const reading = { place, label, value, measured, reason: null };
  return { reading, holds: compare(sign, value, bound), distance: Math.abs(bound - value) };
}

function compare(sign: Sign, value: number, bound: number): boolean {
  switch (sign) {
    case '<=':
      return value <= bound;
    case '>=':
      return value >= bound;
    case '<':
      return value < bound;
    case '>':
      return value > bound;
    case '=':
      return value === bound;
  }
}
