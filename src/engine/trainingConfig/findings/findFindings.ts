// All findings of a run, warnings first. Pure: the same config, logs and report give the same findings everywhere.
import type { Report } from '../../../shared/report/report.ts';
import type { Finding, TrainingConfig, TrainingEvidence } from '../../../shared/report/training.ts';
import { adapterRules } from './adapterRules.ts';
import { agreementRules } from './agreementRules.ts';
import { anchorRules } from './anchorRules.ts';
import { launchRules } from './launchRules.ts';
import { policyRules } from './policyRules.ts';
import { precisionRules } from './precisionRules.ts';
import { FindingContext, type FindingRule } from './rule.ts';

export const rules: readonly FindingRule[] = [
  ...anchorRules,
  ...precisionRules,
  ...adapterRules,
  ...policyRules,
  ...agreementRules,
  ...launchRules,
];

/** Weights without any config still have findings of their own. */
const noConfig: TrainingConfig = {
  framework: 'unknown',
  frameworkVersion: null,
  kind: 'unknown',
  files: [],
  entries: [],
};

/**
 * `disabled` are ids of FINDINGS.md. Without a report, only what config and logs say; `basePath` is then the base that
 * the checkpoint is to be compared with, where it is known.
 */
export function findFindings(
  evidence: TrainingEvidence,
  report: Report | null,
  disabled: readonly string[],
  basePath: string | null = report?.pair.base.path ?? null,
): Finding[] {
  const context = new FindingContext(evidence, evidence.config ?? noConfig, report, basePath);
  const findings = rules
    .filter((rule) => !disabled.includes(rule.id))
    .flatMap((rule): Finding[] => {
      const said = rule.find(context);
      if (said === null) return [];
      const { entry, fix = null, location = entry?.location ?? null, ...statement } = said;
      return [
        {
          ...statement,
          id: rule.id,
          gate: rule.gate,
          source: rule.source,
          concept: entry?.concept ?? null,
          location,
          fix,
        },
      ];
    });
  return findings.sort((left, right) => order[left.severity] - order[right.severity]);
}

const order = { warning: 0, info: 1 } as const;
