// What a cache of reports is asked by a run. A subject is everything that decides a report: were any of it different,
// the report could be, too.
import type { AnalysisOptions } from '../../shared/options.ts';
import type { Report } from '../../shared/report.ts';
import type { TrainingEvidence } from '../../shared/training.ts';
import type { Checkpoint } from '../checkpoint/checkpoint.ts';

export interface CacheSubject {
  base: Checkpoint;
  tuned: Checkpoint;
  options: AnalysisOptions;
  /** Read anew for every run: a log that grew gives another report. */
  training: TrainingEvidence;
}

/** Neither method rejects: a cache that cannot be read or written is as good as none. */
export interface ReportCache {
  recall: (subject: CacheSubject) => Promise<Report | null>;
  remember: (subject: CacheSubject, report: Report) => Promise<void>;
}
