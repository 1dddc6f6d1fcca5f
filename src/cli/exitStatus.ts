// Exit statuses of `three-gate`, as documented in the README.
import type { ProblemCode } from '../shared/errors.ts';
import type { Report } from '../shared/report.ts';

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
  'adapter-unsupported',
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
  const failed = report.tensors.some(({ problem }) => problem !== null);
  const missing = report.coverage.notCompared.some(
    // A tensor that is empty on both sides lacks nothing.
    ({ reason, elements }) => unreadable.has(reason.code) || (reason.code === 'empty-tensor' && elements > 0),
  );
  return failed || missing ? exitStatus.partly : exitStatus.analysed;
}
