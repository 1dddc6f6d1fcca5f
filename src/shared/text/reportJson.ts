// A report as JSON that people can read too: indented, with every array of numbers on one line.
import type { Report } from '../report/report.ts';

export function reportJson(report: Report): string {
  // A line end never stands raw inside a JSON string, so this touches only arrays of numbers.
  const numbers = /\[\n\s+(-?\d[^\n"[\]{}]*(?:,\n\s+-?\d[^\n"[\]{}]*)*)\n\s+\]/g;
  const text = JSON.stringify(report, null, 2);
  return `${text.replaceAll(numbers, (_, inside: string) => `[${inside.replaceAll(/\s*\n\s+/g, ' ')}]`)}\n`;
}
