// What people put side by side: a base and checkpoints tuned from it, pair files, and reports, in any mixture.
import { resolve } from 'node:path';
import { ThreeGateError } from '../../shared/errors.ts';
import type { Report } from '../../shared/report/report.ts';
import type { SourcedReport } from '../../shared/report/putSideBySide.ts';
import { readReport } from '../disk/readReport.ts';
import type { RunRequest } from './pairRun.ts';
import type { ReportStore } from './reportStore.ts';

/** A pair to be analysed, or the file of a report. */
export type GivenSide = { request: RunRequest } | { reportFile: string };

/** How a side becomes a request. */
interface Requests {
  ofPair: (base: string, tuned: string) => Promise<RunRequest>;
  ofPairFile: (path: string) => Promise<RunRequest>;
}

/**
 * The first checkpoint among them is the base of the others. Throws `usage` where a base stands alone, and where there are fewer
 * than two sides.
 */
export async function sidesOf(
  paths: readonly string[],
  { ofPair, ofPairFile }: Requests,
): Promise<GivenSide[]> {
  const base = paths.find((path) => kindOf(path) === 'checkpoint') ?? null;
  const named = paths.filter((path, at) => path !== base || at !== paths.indexOf(base));
  if (base !== null && named.every((path) => kindOf(path) !== 'checkpoint')) {
    const message = `${base} stands alone: name a base and the checkpoints that were tuned from it.`;
    throw new ThreeGateError('usage', message);
  }
  if (named.length < 2)
    throw new ThreeGateError('usage', 'Two tuned checkpoints or more are needed to stand side by side.');
  const sides: GivenSide[] = [];
  for (const path of named) {
    const kind = kindOf(path);
    if (kind === 'report') sides.push({ reportFile: resolve(path) });
    else if (kind === 'pair file') sides.push({ request: await ofPairFile(path) });
    else sides.push({ request: await ofPair(base ?? '', path) });
  }
  return sides;
}

function kindOf(path: string): 'report' | 'pair file' | 'checkpoint' {
  if (path.endsWith('.threegate')) return 'pair file';
  return path.endsWith('.json') && !path.endsWith('.index.json') ? 'report' : 'checkpoint';
}

/** Where reports come from. */
interface Sources {
  /** Null where nothing is remembered. */
  storeOf: (request: RunRequest) => ReportStore | null;
  /** Called for what is not remembered, one pair after the other. */
  analyse: (request: RunRequest) => Promise<Report>;
}

/** The report of every side, in their order: read, remembered or made now. */
export async function reportsOfSides(
  sides: readonly GivenSide[],
  { storeOf, analyse }: Sources,
): Promise<SourcedReport[]> {
  const found: SourcedReport[] = [];
  for (const side of sides) {
    if ('reportFile' in side) {
      found.push({ report: await readReport(side.reportFile), file: side.reportFile });
      continue;
    }
    const { request } = side;
    const report = (await storeOf(request)?.recall(request)) ?? (await analyse(request));
    found.push({ report, file: null });
  }
  return found;
}
