// The report that a tool is told of: by the name that `analyze_pair` gave it, or as a file.
import { ThreeGateError } from '../shared/errors.ts';
import { parseReport } from '../shared/text/parseReport.ts';
import type { Report } from '../shared/report/report.ts';
import type { ToolServices } from './services.ts';

/** Most bytes of a report file: that of a model with tens of thousands of tensors. */
const mostBytes = 2 ** 29;

/** Throws `usage` for a name that nobody gave. */
export async function reportOf(services: ToolServices, name: string): Promise<Report> {
  const { shelf, reports, files, admit } = services;
  const kept = shelf.get(name) ?? (/^[0-9a-f]{32}$/.test(name) ? await reports.load(name) : null);
  if (kept !== null) {
    // What was analysed once may not be open to this caller any more.
    await Promise.all([kept.pair.base.path, kept.pair.tuned.path].map(admit));
    return kept;
  }
  if (name.endsWith('.json')) {
    const path = await admit(name);
    return parseReport(await files.readText(path, mostBytes), path);
  }
  const message = `There is no report "${name.slice(0, 200)}".`;
  throw new ThreeGateError('no-report', message);
}
