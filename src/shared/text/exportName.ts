// What an exported file is called.
import type { Report } from '../report/report.ts';

/** A label as a part of a file's name. */
export function fileNameOf(label: string): string {
  return label.replaceAll(/[^\w.-]+/g, '-');
}

/** @param ending without a dot before it */
export function exportName({ pair }: Report, ending: string): string {
  return `three-gate-${fileNameOf(pair.tuned.label)}.${ending}`;
}
