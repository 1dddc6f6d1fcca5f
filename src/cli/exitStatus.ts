// Exit statuses of `three-gate`, as documented in docs/command-line.md, and the one place that ends a command with one.
import { asProblem, type Problem, type ProblemCode } from '../shared/errors.ts';
import type { LimitsReport } from '../shared/report/limitsReport.ts';
import type { Report } from '../shared/report/report.ts';
import { brokenSentence } from '../shared/text/limitsTables.ts';
import { printable } from './columns.ts';
import { styleFor } from './style.ts';
import type { Terminal } from './terminal.ts';

/** `warned`: advised against, with `--strict`. `broken`: a limit is, or checkpoints that should be identical are not. */
export const exitStatus = {
  analysed: 0,
  warned: 1,
  unusable: 2,
  partly: 3,
  broken: 4,
  interrupted: 130,
} as const;

/** Reasons that mean "this should have been readable", unlike a tensor that only one side has or that was left out. */
const unreadable: ReadonlySet<ProblemCode> = new Set<ProblemCode>([
  'read-failed',
  'access-denied',
  'git-lfs-pointer',
  'html-page',
  'header-too-small',
  'header-too-large',
  'header-length',
  'header-utf8',
  'header-json',
  'header-entry',
  'header-duplicate',
  'header-offset',
  'header-overflow',
  'header-alignment',
  'header-span',
  'file-truncated',
  'file-trailing-bytes',
  'file-changed',
  'shard-missing',
  'shard-tensor-missing',
  'dtype-unsupported',
  'dtype-scale-missing',
  'packed-weights',
  'adapter-unsupported',
  'adapter-unplaced',
  'adapter-empty',
  'layout-unknown',
  'engine-crashed',
  'shard-unfinished',
  'internal',
]);

export function isUnreadable(code: ProblemCode): boolean {
  return unreadable.has(code);
}

/** Why a finished run is partial; empty when it is whole. */
export function unreadIn({ tensors, coverage }: Pick<Report, 'tensors' | 'coverage'>): Problem[] {
  const failed = tensors.flatMap(({ problem }) => problem ?? []);
  const missing = coverage.notCompared
    .filter(
      ({ reason, refusedUpdate, elements }) =>
        refusedUpdate === true ||
        unreadable.has(reason.code) ||
        // A tensor that is empty on both sides lacks nothing.
        (reason.code === 'empty-tensor' && elements > 0),
    )
    .map(({ reason }) => reason);
  return [...failed, ...missing];
}

/** Of a command that came to its end: a broken limit decides, then why it is partial. A quiet command says that in one line. */
export function statusFor(
  terminal: Terminal,
  quiet: boolean | undefined,
  reasons: readonly Problem[],
  limits?: LimitsReport,
): number {
  if (limits !== undefined && limits.broken > 0) {
    if (quiet === true) terminal.stderr.write(`three-gate: ${printable(brokenSentence(limits))}\n`);
    return exitStatus.broken;
  }
  const [first] = reasons;
  if (first === undefined) return exitStatus.analysed;
  if (quiet === true) {
    const more = reasons.length > 1 ? ` (and ${reasons.length - 1} more like it)` : '';
    terminal.stderr.write(`three-gate: ${printable(`${first.message}${more}`.replaceAll(/\s+/g, ' '))}\n`);
  }
  return exitStatus.partly;
}

/** Ends the process with the status of its work; where that rejects, with one sentence on stderr and the status for that. */
export async function exitWith(
  terminal: Terminal,
  interrupted: string,
  work: () => Promise<number>,
): Promise<void> {
  process.exitCode = await work().catch((error: unknown) => statusOfError(terminal, interrupted, error));
}

function statusOfError(terminal: Terminal, interrupted: string, error: unknown): number {
  if (terminal.interrupted.aborted) {
    terminal.stderr.write(`${interrupted}\n`);
    return exitStatus.interrupted;
  }
  const style = styleFor(terminal.stderr, terminal.environment);
  const { code, message } = asProblem(error);
  // What is too much unasked is read once it is asked for; how, depends on the surface.
  const next = code === 'remote-cost' ? ' Say --yes to read them.' : '';
  terminal.stderr.write(`${style.red('three-gate:')} ${printable(`${message}${next}`)}\n`);
  return exitStatus.unusable;
}
