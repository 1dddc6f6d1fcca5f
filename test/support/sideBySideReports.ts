// Checkpoints side by side for tests of what shows them: made-up reports of one base, their configs apart in a few settings.
import { putSideBySide } from '../../src/shared/report/putSideBySide.ts';
import type { Problem } from '../../src/shared/errors.ts';
import type { SideBySideDocument } from '../../src/shared/protocol/sideBySideProtocol.ts';
import type { Report } from '../../src/shared/report/report.ts';
import type { SideBySideReport } from '../../src/shared/report/sideBySide.ts';
import { makeReport } from './reports.ts';

const kinds = ['rlvr', 'sft', 'rlvr'] as const;

interface Wishes {
  runs?: number;
  /** Labels and settings with markup in them, as a file may have. */
  hostile?: boolean;
}

/** Runs of reinforcement learning and supervised fine-tuning by turns; every third has no config. */
export function makeSideBySide({ runs = 3, hostile = false }: Wishes = {}): SideBySideReport {
  const sources = Array.from({ length: runs }, (_, run) => {
    const name = `${kinds[run % 3] ?? 'rlvr'}-seed${run}`;
    const label = hostile ? `${name}</script><img src=x onerror="globalThis.broken=1">` : name;
    return {
      report: renamed(makeReport({ training: kinds[run % 3] ?? 'rlvr', seed: run + 1 }), label, run),
      file: null,
    };
  });
  return putSideBySide(sources, { version: '0.0.0', elapsedMs: 1234 });
}

function renamed(report: Report, label: string, run: number): Report {
  const { pair, training } = report;
  const tuned = { ...pair.tuned, label, path: `/models/${run}/${label}`, step: 100 * (run + 1) };
  const config = run % 3 === 2 ? null : training.config;
  return { ...report, pair: { ...pair, tuned }, training: { ...training, config } };
}

export function sideBySideDocument(
  report: SideBySideReport | null,
  problem: Problem | null = null,
): SideBySideDocument {
  return { choice: { paths: ['/models/base', '/models/one', '/models/two'] }, report, problem };
}
