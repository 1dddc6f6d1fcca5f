// The limits of a pair file, its own or those of the file that it names, held against each report of the pair.
import type { Uri } from 'vscode';
import { judgeLimits } from '../../engine/limits/judge.ts';
import { parsePairLimits, type Limit } from '../../engine/limits/limitsFile.ts';
import { readLimits } from '../../node/disk/readLimits.ts';
import { asPath } from '../../node/disk/checkpointPath.ts';
import { asProblem } from '../../shared/errors.ts';
import type { Report } from '../../shared/report/report.ts';

export class PairLimits {
  static readonly none = new PairLimits(null, null);
  private readonly known = new WeakMap<Report, Report>();

  private constructor(
    private readonly limits: readonly Limit[] | null,
    /** Absolute path of a limits file; null where the limits are the pair's own. */
    readonly file: string | null,
  ) {}

  /** Throws as `parseLimitsFile`, and `not-found`. */
  static async read(text: string, { path, fsPath }: Uri, directory: string): Promise<PairLimits> {
    const found = parsePairLimits(text, path.slice(path.lastIndexOf('/') + 1));
    if (found === null) return PairLimits.none;
    if (typeof found !== 'string') {
      return new PairLimits(
        found.map((limit) => ({ ...limit, file: fsPath })),
        null,
      );
    }
    const file = asPath(found, directory);
    return new PairLimits(await readLimits(file), file);
  }

  /** The report with what the limits came to; a limit that looks at nothing is one of its problems. */
  judged(report: Report): Report {
    const { limits } = this;
    if (limits === null || report.status !== 'complete') return report;
    const known = this.known.get(report);
    if (known !== undefined) return known;
    const made = judgedBy(limits, report);
    this.known.set(report, made);
    return made;
  }
}

function judgedBy(limits: readonly Limit[], report: Report): Report {
  try {
    return { ...report, limits: judgeLimits(limits, report) };
  } catch (error) {
    return { ...report, problems: [asProblem(error), ...report.problems] };
  }
}
