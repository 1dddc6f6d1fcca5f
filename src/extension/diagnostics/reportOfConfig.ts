// The newest remembered report of the run that a config file belongs to.
import type { Report } from '../../shared/report/report.ts';
import type { ReportStore } from '../../node/runs/reportStore.ts';
import { mayBelong, reportCovers } from './configAdvice.ts';

/** Reports loaded for one file at most: the newest is nearly always the one. */
const maxLoaded = 3;

export async function reportOfConfig(reports: ReportStore, file: string): Promise<Report | null> {
  const candidates = (await reports.results()).filter(
    ({ tunedPath, configPaths }) => (configPaths?.includes(file) ?? false) || mayBelong(tunedPath, file),
  );
  for (const { key } of candidates.slice(0, maxLoaded)) {
    const report = await reports.load(key);
    if (report !== null && reportCovers(report, file)) return report;
  }
  return null;
}
