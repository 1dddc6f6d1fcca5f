// What two reports say differently of the whole model: every word and number that a limit may name, read from both.
import type { Report } from '../../shared/report/report.ts';
import type { ReportDifference, ReportsCompared } from '../../shared/report/reportsCompared.ts';
import { metricWords } from '../../shared/text/metrics.ts';
import { limitCatalogue } from './catalogue.ts';
import type { MetricEntry, Subject } from './metricEntry.ts';
import { measuredText, shortText } from './numberText.ts';
import { subjectsOf } from './subjects.ts';

const none = 'not measured';

/** Words, then what has a name for people, then the rest. */
const rankOf = ({ kind, name }: MetricEntry): number =>
  kind === 'word' ? 0 : metricWords(name) === null ? 2 : 1;
const inOrder = [...limitCatalogue].sort((one, other) => rankOf(one) - rankOf(other));

/** @param file name of the other report's file */
export function compareReports(one: Report, other: Report, file: string): ReportsCompared {
  const [ours] = subjectsOf(one, 'whole', null);
  const [theirs] = subjectsOf(other, 'whole', null);
  const differences: ReportDifference[] = [];
  let same = 0;
  for (const entry of inOrder) {
    if (ours === undefined || theirs === undefined || !entry.scopes.includes('whole')) continue;
    const values = valuesOf(entry, ours, theirs);
    if (values === null) same += 1;
    else differences.push({ title: entry.title, values });
  }
  const { base, tuned } = other.pair;
  return { file, pair: `${base.label} → ${tuned.label}`, differences, same };
}

/** Null where they are the same. */
function valuesOf(entry: MetricEntry, ours: Subject, theirs: Subject): [string, string] | null {
  if (entry.kind === 'word') {
    const [one, other] = [entry.read(ours).word, entry.read(theirs).word];
    return one === other ? null : [one ?? none, other ?? none];
  }
  const [one, other] = [entry.read(ours).value, entry.read(theirs).value];
  if (one === other) return null;
  const text = (value: number | null, beside: number | null): string => {
    if (value === null) return none;
    return beside === null ? shortText(value, entry.kind) : measuredText(value, beside, entry.kind);
  };
  return [text(one, other), text(other, one)];
}
