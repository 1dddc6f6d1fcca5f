// What a report measured, in the words that findings cite. Nothing is cited that a random update of the same size would show.
import { formatShare } from '../../../shared/text/format.ts';
import type { Report } from '../../../shared/report/report.ts';
import type { BeyondReading } from '../../../shared/report/verdicts.ts';

/** "measured drift 0.66 % (anchored)" */
export function driftOf(report: Report | null): string | null {
  const drift = report?.summary.anchor.value?.relativeDrift ?? null;
  if (report === null || drift === null) return null;
  return `measured drift ${formatShare(drift)} (${report.summary.gates.anchor.verdict})`;
}

export function together(...parts: (string | null)[]): string | null {
  const said = parts.filter((part) => part !== null);
  return said.length === 0 ? null : said.join('; ');
}

/** A reading beside its null; null where it was not held against one. */
export function beyondReading(report: Report | null, metric: string): BeyondReading | null {
  return readingsOf(report).find((reading) => reading.metric === metric) ?? null;
}

/** Whether everything that was held against the null is as any update of this size. */
export function nothingBeyondSize(report: Report): boolean {
  const known = readingsOf(report).filter(({ word }) => word !== 'unknown');
  return known.length > 0 && known.every(({ word }) => word === 'as random');
}

/** What is left beyond the size of the update, in the gates' own words. */
export function beyondSizeOf(report: Report): string | null {
  const { geometry, precision } = report.summary.gates;
  const said = [geometry.beyondSize, precision.beyondSize].flatMap((one) =>
    one?.readings.some(({ word }) => word === 'less' || word === 'more') === true ? [one.words] : [],
  );
  return said.length === 0 ? null : `measured beyond its size: ${said.join('; ')}`;
}

function readingsOf(report: Report | null): BeyondReading[] {
  const { geometry, precision } = report?.summary.gates ?? {};
  return [...(geometry?.beyondSize?.readings ?? []), ...(precision?.beyondSize?.readings ?? [])];
}
