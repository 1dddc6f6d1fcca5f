// A rule looks at config, logs and, where there is one, the report, and says at most one thing. It says "may" without a
// measurement and "measured" with one, and never more than its source carries. Every id is described in FINDINGS.md.
import type { GateName } from '../../../shared/options/options.ts';
import type { Report } from '../../../shared/report/report.ts';
import type {
  ConfigConcept,
  ConfigEntry,
  Finding,
  LogSeries,
  LogSignal,
  TrainingConfig,
  TrainingEvidence,
} from '../../../shared/report/training.ts';

/** What a rule says when it has something to say. */
export interface Statement {
  severity: Finding['severity'];
  message: string;
  evidence: string | null;
  nextStep: string;
  /** The entry to point at. */
  entry: ConfigEntry | null;
  /** Where there is a place, but no entry. */
  location?: Finding['location'];
  fix?: Finding['fix'];
}

export interface FindingRule {
  id: string;
  gate: GateName | null;
  source: string;
  find(context: FindingContext): Statement | null;
}

export class FindingContext {
  readonly config: TrainingConfig;
  readonly logs: readonly LogSeries[];
  readonly evidence: TrainingEvidence;
  /** Only a report with measurements: a run that failed before any says nothing. */
  readonly report: Report | null;

  readonly basePath: string | null;

  constructor(
    evidence: TrainingEvidence,
    config: TrainingConfig,
    report: Report | null,
    basePath: string | null,
  ) {
    this.evidence = evidence;
    this.config = config;
    this.logs = evidence.logs;
    this.report = report;
    this.basePath = basePath;
  }

  get isRl(): boolean {
    return this.config.kind === 'rl';
  }

  entry(concept: ConfigConcept): ConfigEntry | null {
    return this.config.entries.find((candidate) => candidate.concept === concept) ?? null;
  }

  number(concept: ConfigConcept): number | null {
    const value = this.entry(concept)?.value;
    return typeof value === 'number' ? value : null;
  }

  text(concept: ConfigConcept): string | null {
    const value = this.entry(concept)?.value;
    return typeof value === 'string' ? value : null;
  }

  series(signal: LogSignal): LogSeries | null {
    return this.logs.find((candidate) => candidate.signal === signal) ?? null;
  }

  /** The learning rate that was used: as logged, else as stated. */
  get learningRate(): number | null {
    return this.evidence.learningRatePeak ?? this.number('learningRate');
  }

  /** Whether an adapter is trained, as far as the config tells. */
  get adapter(): boolean {
    const rank = this.number('peftRank');
    const method = this.text('peftMethod');
    if (method !== null && /full|freeze/i.test(method)) return false;
    return (rank !== null && rank > 0) || method !== null;
  }
}
