// Exit statuses of `three-gate`, as documented in the README.
import type { Problem, ProblemCode } from '../shared/errors.ts';
import type { Report } from '../shared/report/report.ts';
import { printable } from './columns.ts';
import type { Terminal } from './terminal.ts';

export const exitStatus = { analysed: 0, unusable: 2, partly: 3, interrupted: 130 } as const;

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
  'internal',
]);

export function isUnreadable(code: ProblemCode): boolean {
  return unreadable.has(code);
}

/** Of a finished run. */
export function statusOf(report: Report): number {
  if (report.status === 'cancelled') return exitStatus.interrupted;
  return unreadIn(report).length > 0 ? exitStatus.partly : exitStatus.analysed;
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

/** A quiet command that exits with 3 still says why, in one line. */
export function sayWhyPartly(
  terminal: Terminal,
  quiet: boolean | undefined,
  status: number,
  reasons: readonly Problem[],
): void {
  if (quiet !== true || status !== exitStatus.partly) return;
  const [first] = reasons;
  const more = reasons.length > 1 ? ` (and ${reasons.length - 1} more like it)` : '';
  const why = first === undefined ? 'Some tensors could not be read.' : first.message;
  terminal.stderr.write(`three-gate: ${printable(`${why}${more}`.replaceAll(/\s+/g, ' '))}\n`);
}
