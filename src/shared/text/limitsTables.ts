// What limits came to, as rows of text: the broken ones first, each with its measured value, the limit and where.
import type { LimitReading, LimitResult, LimitScope, LimitsReport } from '../report/limitsReport.ts';

/** How many places of one broken limit a terminal names; JSON, JUnit and SARIF name all. */
const namedPlaces = 8;

export const limitColumns: readonly string[] = ['limit', 'measured', 'asked for', 'where'];

export interface LimitRow {
  standing: LimitResult['standing'];
  scope: LimitScope;
  /** What the row tells; null where it only counts others. */
  reading: LimitReading | null;
  /** One cell per column; the first ones are empty where the row goes on with the limit above it. */
  cells: [limit: string, measured: string, asks: string, where: string];
}

/** Broken limits before those that hold, each in the order in which they were written. */
function brokenFirst(limits: readonly LimitResult[]): LimitResult[] {
  const of = (standing: LimitResult['standing']): LimitResult[] =>
    limits.filter((limit) => limit.standing === standing);
  return [...of('broken'), ...of('holds')];
}

/** @param places how many places of one broken limit are named; the others are counted */
export function limitRows({ limits }: LimitsReport, places = namedPlaces): LimitRow[] {
  return brokenFirst(limits).flatMap((limit) =>
    limit.standing === 'broken' ? brokenRows(limit, places) : [holdingRow(limit)],
  );
}

function brokenRows(
  { text, asks, judged, broken, standing, scope }: LimitResult,
  places: number,
): LimitRow[] {
  const rows = broken.slice(0, places).map((reading, index): LimitRow => {
    const [limit, limited] = index === 0 ? [text, asks] : ['', ''];
    return { standing, scope, reading, cells: [limit, reading.measured, limited, whereText(reading)] };
  });
  const more = broken.length - places;
  const rest = more > 0 ? `… and ${more} more: broken in ${broken.length} of ${judged}` : null;
  return rest === null ? rows : [...rows, { standing, scope, reading: null, cells: ['', '', '', rest] }];
}

function holdingRow({ text, asks, judged, nearest, standing, scope }: LimitResult): LimitRow {
  const where = nearest === null ? '' : whereText(nearest);
  const among = judged > 1 ? `${where}, nearest of ${judged}` : where;
  return { standing, scope, reading: nearest, cells: [text, nearest?.measured ?? '', asks, among] };
}

function whereText({ label, reason }: LimitReading): string {
  return reason === null ? label : `${label}: ${reason}`;
}

/** "relativeDrift is 0.032 and not ≤ 0.01 in the whole model" */
export function readingSentence({ metric, asks }: LimitResult, reading: LimitReading): string {
  const { label, measured, reason } = reading;
  const where = label === 'whole model' ? 'the whole model' : label;
  return `${metric} is ${measured} in ${where}, and was to be ${asks}${reason === null ? '' : `: ${reason}`}`;
}

/** One sentence on all of them. */
export function limitsSentence({ broken, limits }: LimitsReport): string {
  if (broken === 0) return limits.length === 1 ? 'the limit holds' : `all ${limits.length} limits hold`;
  return `${broken} of ${limits.length} limits ${broken === 1 ? 'is' : 'are'} broken`;
}

/** For one line: which limit is broken first, and how many more are. */
export function brokenSentence({ limits }: LimitsReport): string {
  const [first, ...more] = limits.filter(({ standing }) => standing === 'broken');
  const [reading] = first?.broken ?? [];
  if (first === undefined || reading === undefined) return 'all limits hold';
  const rest = more.length === 0 ? '' : ` (and ${more.length} more limits are broken)`;
  return `the limit "${first.text}" is broken: ${readingSentence(first, reading)}${rest}`;
}
