// What an exported report is called.
import type { Report } from '../report/report.ts';

/** @param ending without a dot before it */
export function exportName({ pair }: Report, ending: string): string {
  return `three-gate-${pair.tuned.label.replaceAll(/[^\w.-]+/g, '-')}.${ending}`;
}
