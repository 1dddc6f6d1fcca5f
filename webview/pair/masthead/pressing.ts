// Which findings stand beside the verdict. Pure.
import type { Finding } from '../../../src/shared/report/training.ts';

const mostShown = 2;

/** Their positions, from 1: warnings first. */
export function pressing(findings: readonly Pick<Finding, 'severity'>[]): number[] {
  const of = (severity: Finding['severity']): number[] =>
    findings.flatMap((finding, at) => (finding.severity === severity ? [at + 1] : []));
  return [...of('warning'), ...of('info')].slice(0, mostShown);
}
